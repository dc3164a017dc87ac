import { type Contract, listRenames } from "../define/contract.ts";
import type { Span } from "../otlp/span.ts";
import { changesAllowed, nearestTo } from "../text/nearest.ts";
import { getSpanService, type Judgement, judgeTrace } from "./judge-trace.ts";
import { SeenNames, type UnseenName } from "./seen-names.ts";
import type { Violation } from "./violation.ts";

/** A trace of a sample, with all its spans. */
export interface SampledTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** How often something was found, and where last. */
interface Finding {
  /** Spans. */
  readonly count: number;
  readonly traces: number;
  readonly newest: TraceExample;
}

export interface TraceExample {
  readonly traceId: string;
  readonly spanId: string;
  /** When the trace started, in milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** Violations of one rule by spans of one name, about one attribute or stage. */
export interface ViolationGroup extends Finding {
  readonly rule: string;
  readonly spanName: string;
  /** The name on the wire of the attribute, or of the stage that is missing; null for none. */
  readonly subject: string | null;
  /** Of the newest example. */
  readonly seen: string;
  readonly expected: string;
}

/** A span or an attribute of the service that its contract does not have. */
export interface NewName extends Finding {
  readonly kind: "span" | "attribute";
  readonly name: string;
  /** The span that has the attribute. */
  readonly spanName: string;
  /** What of the contract is missing there, and may be what this one was called. */
  readonly insteadOf: string | null;
  /** What the contract calls it now, where it is an earlier name. */
  readonly renamedTo: string | null;
}

/** What a sample of traces says of a contract. */
export interface ContractCheck {
  /** Traces that were judged. */
  readonly traces: number;
  readonly brokenTraces: number;
  readonly requests: number;
  /** Traces that may only not be complete yet. They are not judged. */
  readonly unfinishedTraces: number;
  /** What concerns the most traces comes first. */
  readonly violations: readonly ViolationGroup[];
  readonly newNames: readonly NewName[];
  /** What no judged trace has, of what could have been there. */
  readonly unseenNames: readonly UnseenName[];
}

/**
 * Until all spans of a trace should be in the store after the last one ended: OpenTelemetry's SDKs send
 * them every five seconds, and a Collector may wait as long again.
 */
export const settleMs = 15_000;
/** A request's root is sent last. Until it is there, what is below it may be of one that still runs. */
export const longestRequestMs = 5 * 60_000;

/**
 * Judges the part of one service in traces, and counts what is found. A trace that is not as contracted,
 * and of which more spans may come, is no finding.
 * @param nowMs when the traces were read, in milliseconds since 1970.
 */
export function checkTraces(
  contract: Contract,
  traces: readonly SampledTrace[],
  nowMs: number,
): ContractCheck {
  const findings = new Findings();
  const seen = new SeenNames(contract);
  let [requests, brokenTraces, unfinishedTraces, judgedTraces] = [0, 0, 0, 0];
  for (const { spans } of traces) {
    const judgement = judgeTrace(contract, spans);
    if (judgement.judged.length === 0) {
      continue;
    }
    if (isUnfinished(spans, judgement, nowMs)) {
      unfinishedTraces += 1;
      continue;
    }
    judgedTraces += 1;
    requests += judgement.requests.length;
    brokenTraces += judgement.violations.length > 0 ? 1 : 0;
    findings.add(spans, judgement.violations);
    const services = judgement.judged.map(({ service }) => service);
    seen.add(spans.filter((span) => services.includes(getSpanService(contract, span))));
  }
  const violations = findings.list().filter((group) => !isOfNewName(group));
  const unseenNames = seen.unseen();
  return {
    traces: judgedTraces,
    brokenTraces,
    requests,
    unfinishedTraces,
    violations,
    newNames: findings
      .list()
      .filter(isOfNewName)
      .map((group) => toNewName(contract, group, violations, unseenNames)),
    unseenNames: judgedTraces === 0 ? [] : unseenNames,
  };
}

/** Whether it breaks rules, and may stop to do so when more of its spans arrive. */
export function isUnfinished(
  spans: readonly Span[],
  { violations }: Judgement,
  nowMs: number,
): boolean {
  if (violations.length === 0) {
    return false;
  }
  const orphans = new Set(
    violations.filter(({ rule }) => rule === "orphan").map(({ spanId }) => spanId),
  );
  const isRootAwaited = spans.some(
    ({ spanId, parentSpanId }) => parentSpanId !== null && orphans.has(spanId),
  );
  return isRootAwaited ? ageMs(spans, nowMs) < longestRequestMs : isSettling(spans, nowMs);
}

/** Whether a trace's last span ended so short a time ago that more may be on their way. */
export function isSettling(spans: readonly Span[], nowMs: number): boolean {
  return ageMs(spans, nowMs) < settleMs;
}

function ageMs(spans: readonly Span[], nowMs: number): number {
  return nowMs - Math.max(...spans.map(({ endTimeUnixNano }) => toMs(endTimeUnixNano)));
}

function isOfNewName({ rule, subject }: ViolationGroup): boolean {
  return rule === "unknown-span" || (rule === "unknown-attribute" && subject !== null);
}

function toNewName(
  contract: Contract,
  group: ViolationGroup,
  violations: readonly ViolationGroup[],
  unseen: readonly UnseenName[],
): NewName {
  const { rule, subject, spanName, count, traces, newest } = group;
  const kind = rule === "unknown-span" ? "span" : "attribute";
  const name = subject ?? spanName;
  const rename = listRenames(contract).find((one) => one.kind === kind && one.before === name);
  const missing = violations.filter(
    (other) =>
      other.subject !== null &&
      (kind === "span"
        ? other.rule === "missing-span"
        : other.rule === "missing-attribute" && other.spanName === spanName),
  );
  const candidates = [
    ...missing.map((other) => other.subject ?? ""),
    ...unseen
      .filter(
        (other) => other.kind === kind && (kind === "span" || other.spanNames.includes(spanName)),
      )
      .map((other) => other.name),
  ];
  const [alike, ...others] = missing.filter((other) => other.traces === traces);
  const insteadOf =
    nearestTo(name, candidates, changesAllowed(name)) ??
    // Of as many traces as have the one, another is gone.
    (others.length === 0 ? alike?.subject : undefined);
  return {
    kind,
    name,
    spanName,
    count,
    traces,
    newest,
    insteadOf: insteadOf ?? null,
    renamedTo: rename?.now ?? null,
  };
}

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}

interface Counted {
  readonly violation: Violation;
  readonly newest: TraceExample;
  count: number;
  readonly traceIds: Set<string>;
}

/** Violations, by what they are about. */
class Findings {
  readonly #byKey = new Map<string, Counted>();

  add(spans: readonly Span[], violations: readonly Violation[]): void {
    const startedAtMs = Math.min(...spans.map(({ startTimeUnixNano }) => toMs(startTimeUnixNano)));
    for (const violation of violations) {
      const { rule, spanName, subject, traceId, spanId } = violation;
      const key = JSON.stringify([rule, spanName, subject]);
      const before = this.#byKey.get(key);
      const isNewer = before === undefined || startedAtMs > before.newest.startedAtMs;
      const newest = { traceId, spanId, startedAtMs };
      const traceIds = before?.traceIds ?? new Set();
      traceIds.add(traceId);
      this.#byKey.set(key, {
        ...(before === undefined || isNewer ? { violation, newest } : before),
        count: (before?.count ?? 0) + 1,
        traceIds,
      });
    }
  }

  list(): ViolationGroup[] {
    return [...this.#byKey.values()]
      .map(({ violation, newest, count, traceIds }) => ({
        rule: violation.rule,
        spanName: violation.spanName,
        subject: violation.subject ?? null,
        count,
        traces: traceIds.size,
        newest,
        seen: violation.seen,
        expected: violation.expected,
      }))
      .sort((one, other) => other.traces - one.traces || other.count - one.count);
  }
}
