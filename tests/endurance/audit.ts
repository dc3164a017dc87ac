import { type Span, validateTrace } from "#contract";
import { logEvents, miniserve, spans } from "#miniserve";
import { getValues, type RequestRecord } from "../support/request-record.ts";
import type { LogLine } from "../support/server-process.ts";
import type { Seen } from "./client.ts";
import { expectedEnds, outcomesToldAs } from "./expected-end.ts";

/** What a request left behind, in short. */
export interface Verdict {
  readonly outcome: string;
  /** The stages that began, the root not among them. */
  readonly stages: readonly string[];
  readonly errorType: string | undefined;
  /** Undefined when the request did not come to the end of its answer. */
  readonly outputFormat: string | undefined;
}

const { handler, format } = spans;
const isRoot = ({ name }: Span): boolean => name === handler.name;
const outcomeByName = new Map(Object.entries(miniserve.outcomes?.byName ?? {}));
const identifierByWireName = new Map(
  Object.entries(logEvents.requestFinished.fields).map(([name, { key }]) => [key, name]),
);

/** All traces of a run with their lines. @returns what is wrong with any of them. */
export class Audit {
  readonly #spansByTrace: ReadonlyMap<string, Span[]>;
  readonly #linesByTrace: ReadonlyMap<string, LogLine[]>;
  readonly verdicts: Verdict[] = [];
  readonly faults: string[] = [];

  constructor(received: readonly Span[], lines: readonly LogLine[]) {
    this.#spansByTrace = Map.groupBy(received, ({ traceId }) => traceId);
    this.#linesByTrace = Map.groupBy(
      lines.filter(({ trace_id }) => trace_id !== undefined),
      ({ trace_id = "" }) => trace_id,
    );
    const traceIds = new Set([...this.#spansByTrace.keys(), ...this.#linesByTrace.keys()]);
    for (const traceId of traceIds) {
      const record = this.#createRecord(traceId);
      for (const fault of listRecordFaults(record)) {
        this.faults.push(`${traceId}: ${fault}`);
      }
      this.#note(record);
    }
  }

  /** Holds what a client saw against what its request left behind. */
  check(seen: Seen, isStopping = false): void {
    const told = seen.answer === undefined ? "no answer" : String(seen.answer.status);
    for (const fault of this.#listFaults(seen, isStopping)) {
      this.faults.push(`${seen.traceId}: ${fault} (${told}; ${JSON.stringify(summarize(seen))})`);
    }
  }

  #createRecord(traceId: string): RequestRecord {
    const found = this.#spansByTrace.get(traceId) ?? [];
    const lines = this.#linesByTrace.get(traceId) ?? [];
    return { traceId, spans: found.toSorted(byStart), lines };
  }

  #note(record: RequestRecord): void {
    if (record.spans.filter(isRoot).length === 1) {
      const { outcome, errorType } = getValues(record, handler);
      const stages = record.spans.filter((span) => !isRoot(span)).map(({ name }) => name);
      const { outputFormat } = stages.includes(format.name) ? getValues(record, format) : {};
      this.verdicts.push({
        outcome: String(outcome),
        errorType: errorType === undefined ? undefined : String(errorType),
        outputFormat: outputFormat === undefined ? undefined : String(outputFormat),
        stages,
      });
    }
  }

  #listFaults(seen: Seen, isStopping: boolean): string[] {
    const { traceId, answer, hasLeft, isBehind } = seen;
    const mayBeCut = hasLeft || isBehind || isStopping;
    if (answer === undefined && !mayBeCut) {
      return ["a client that waited was not answered"];
    }
    if (traceId === undefined) {
      return answer === undefined ? [] : ["an answer without X-Trace-Id"];
    }
    const record = this.#createRecord(traceId);
    if (!record.spans.some(isRoot)) {
      // The server may never have seen a request whose client left at once.
      return answer === undefined ? [] : ["an answer without a trace"];
    }
    const root = getValues(record, handler);
    if (answer === undefined) {
      return [];
    }
    return [
      ...(answer.headers["x-trace-id"] === traceId ? [] : ["another X-Trace-Id"]),
      ...(answer.status === root.statusCode ? [] : [`the trace says ${root.statusCode}`]),
      ...(answer.isWhole ? listCompleteFaults(seen, root, isStopping) : []),
    ];
  }
}

/** What is wrong with a trace and its lines, whatever its client saw. */
function listRecordFaults({ spans: all, lines, traceId }: RequestRecord): string[] {
  const roots = all.filter(isRoot);
  if (roots.length !== 1) {
    return [`${roots.length} roots, and ${lines.length} lines`];
  }
  const root = getValues({ spans: all, lines, traceId }, handler);
  const events = lines.map(({ event }) => event);
  const last = lines.at(-1) ?? {};
  const told = Object.fromEntries(
    Object.entries(last).map(([key, value]) => [identifierByWireName.get(key) ?? key, value]),
  );
  const spanIds = new Set(all.map(({ spanId }) => spanId));
  const count = (name: string): number => events.filter((event) => event === name).length;
  const { min, max } = outcomeByName.get(String(root.outcome))?.logLines ?? { min: 2, max: 10 };
  const failures = root.outcome === "failed" ? 1 : 0;
  const checks: [boolean, string][] = [
    [events[0] === logEvents.requestReceived.name, "the first line is not that it came"],
    [events.at(-1) === logEvents.requestFinished.name, "the last line is not that it is over"],
    [count(logEvents.requestReceived.name) === 1, "it came more than once"],
    [count(logEvents.requestFinished.name) === 1, "it is over more than once"],
    [count(logEvents.stageFailed.name) === failures, "failures that do not fit the outcome"],
    [lines.length >= min && lines.length <= max, `${lines.length} lines for ${root.outcome}`],
    [lines.every(({ span_id = "" }) => spanIds.has(span_id)), "a line with the id of no span"],
    [isSorted(lines.map(({ time }) => time)), "lines that are not in the order of time"],
    ...(["outcome", "statusCode", "errorType"] as const).map((name): [boolean, string] => [
      told[name] === root[name],
      `the last line has another ${name}`,
    ]),
  ];
  return [
    ...validateTrace(miniserve, all).map((violation) => JSON.stringify(violation)),
    ...checks
      .filter(([holds]) => !holds)
      .map(([, fault]) => `${fault}: ${root.outcome}, ${events.join(" ")}`),
  ];
}

/** What a whole answer says must be what the trace says. */
function listCompleteFaults(
  { answer, plan, hasLeft }: Seen,
  root: Record<string, unknown>,
  isStopping: boolean,
): string[] {
  const end = parseEnd(answer?.body ?? "");
  if (end === "cut") {
    return hasLeft ? [] : ["a stream that ended without a word"];
  }
  const code = end === "done" ? undefined : end.code;
  const outcomes = outcomesToldAs(code);
  const expected = expectedEnds(plan);
  return [
    ...(outcomes.includes(String(root.outcome)) ? [] : [`${code} is told of ${root.outcome}`]),
    ...(root.errorType === code ? [] : [`${code} is told, and the trace has ${root.errorType}`]),
    ...(expected.includes(code) || isStopping ? [] : [`${code} instead of ${expected}`]),
  ];
}

/** How an answer ends: well, with an error, or not at all. */
function parseEnd(body: string): "done" | "cut" | { readonly code: string } {
  const isStream = body.startsWith("data: ");
  const last = isStream ? (body.trimEnd().split("\n\n").at(-1) ?? "").slice("data: ".length) : body;
  if (last === "[DONE]") {
    return "done";
  }
  const document = JSON.parse(last);
  if ("error" in document) {
    return { code: document.error.code };
  }
  return isStream ? "cut" : "done";
}

function summarize({ plan }: Seen): object {
  const { content, ...rest } = plan;
  return { ...rest, code: content.code, body: JSON.stringify(content.body).slice(0, 200) };
}

function isSorted(times: readonly string[]): boolean {
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? ""));
}

function byStart(left: Span, right: Span): number {
  return Number(left.startTimeUnixNano - right.startTimeUnixNano);
}
