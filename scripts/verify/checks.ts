import {
  type Contract,
  contentKey,
  findValue,
  judgeTrace,
  type LogEvent,
  requestRoots,
  type Span,
  type Violation,
  validateValue,
} from "#contract";
import { spans } from "#miniserve";
import { formatViolation, type LogLine } from "../../stack/index.ts";
import { fewestLogLines, type MadeRequest, mostLogLines } from "./requests.ts";

/** What is checked, in the order of the lab. */
export const titles = {
  trace: "The trace is there",
  tree: "The tree is as contracted",
  attributes: "Each span has its attributes",
  log: `${fewestLogLines} to ${mostLogLines} log lines tell the same story`,
} as const;

export type Check = keyof typeof titles;
export type Faults = Readonly<Record<Check, readonly string[]>>;

/** Every fault of what a request left behind, by check. */
export function checkRequest(contract: Contract, request: MadeRequest): { faults: Faults } {
  const trace = traceFaults(contract, request);
  if (trace.length > 0) {
    const fault = "There is no trace to look at.";
    return { faults: { trace, tree: [fault], attributes: [fault], log: [fault] } };
  }
  const { violations } = judgeTrace(contract, request.spans);
  const isOfAttributes = ({ rule }: Violation) =>
    attributeRules.has(rule) || contract.invariants.some((invariant) => invariant.rule === rule);
  return {
    faults: {
      trace,
      tree: [
        ...(request.answer.isComplete ? [] : ["The stream did not end with [DONE]."]),
        ...violations.filter((violation) => !isOfAttributes(violation)).map(formatViolation),
      ],
      attributes: [
        ...violations.filter(isOfAttributes).map(formatViolation),
        ...answerFaults(request),
      ],
      log: logFaults(contract, request),
    },
  };
}

const attributeRules: ReadonlySet<string> = new Set([
  "missing-attribute",
  "unknown-attribute",
  "misplaced-attribute",
  "duplicate-attribute",
  "wrong-type",
  "value-not-allowed",
  "missing-resource-attribute",
]);

function traceFaults(contract: Contract, { answer, spans, readableAfterMs }: MadeRequest) {
  const { traceId } = answer;
  if (traceId === undefined) {
    return ["The answer has no X-Trace-Id."];
  }
  if (!/^(?!0{32})[0-9a-f]{32}$/.test(traceId)) {
    return ["X-Trace-Id is not 32 lower-case hexadecimal digits."];
  }
  if (spans.length === 0) {
    return [`The store does not have ${traceId} after ${readableAfterMs} ms.`];
  }
  const roots = requestRoots(contract, spans).length;
  return roots === 1 ? [] : [`${traceId} holds ${roots} requests, and one was sent.`];
}

function logFaults(contract: Contract, { lines, spans }: MadeRequest): string[] {
  const count =
    lines.length < fewestLogLines || lines.length > mostLogLines
      ? [`There are ${lines.length} lines with this trace id.`]
      : [];
  return [...count, ...lines.flatMap((line) => lineFaults(contract, line, spans))];
}

/** Where the trace says something else than the answer did. */
function answerFaults(request: MadeRequest): string[] {
  const { answer, route, streamed } = request;
  const { handler, prefill, decode } = spans;
  const expectations = [
    [handler, "statusCode", answer.status],
    [handler, "route", route],
    [handler, "streamed", streamed],
    [handler, "requestId", answer.id],
    [handler, "model", answer.model],
    [handler, "outcome", "completed"],
    [prefill, "tokensIn", answer.promptTokens],
    [decode, "tokensOut", answer.completionTokens],
    [decode, "stopReason", answer.finishReason],
  ] as const;
  return expectations.flatMap(([definition, identifier, expected]) => {
    const attribute = definition.attributes[identifier];
    const span = request.spans.find(({ name }) => name === definition.name);
    // What is missing has been reported as a violation of the contract.
    const seen = span && attribute && plainValue(span, attribute.key);
    return seen === undefined || seen === expected
      ? []
      : [
          `${definition.name} ${attribute?.key} is ${seen}, and the answer said ${expected ?? "nothing"}.`,
        ];
  });
}

function plainValue(span: Span, key: string): string | number | boolean | undefined {
  const value = findValue(span.attributes, key);
  switch (value?.type) {
    case "string":
    case "bool":
    case "double":
      return value.value;
    case "int":
      return Number(value.value);
    default:
      return undefined;
  }
}

/** In a line beside the fields of its event. */
const pinoFields = ["pid", "hostname", "msg"];

/** What is wrong with one line of a request's story. Values are never repeated. */
export function lineFaults(contract: Contract, line: LogLine, spans: readonly Span[]): string[] {
  const event = Object.values(contract.logEvents).find(({ name }) => name === line.event);
  const faults = [
    ...spanFaults(contract, line, event, spans),
    ...Object.keys(line.fields)
      .filter((key) => contentKey.test(key))
      .map((key) => `has the field ${key}, which stands for content`),
    ...(event === undefined ? ["is of an event that the contract does not know"] : []),
    ...(event === undefined ? [] : fieldFaults(line, event)),
  ];
  return faults.map((fault) => `The line ${line.event} at ${line.time} ${fault}.`);
}

function spanFaults(
  contract: Contract,
  line: LogLine,
  event: LogEvent | undefined,
  spans: readonly Span[],
): string[] {
  const span = spans.find(({ spanId }) => spanId === line.spanId);
  if (span === undefined) {
    return [
      line.spanId === undefined
        ? "has no span id"
        : `has the span id ${line.spanId}, which the trace has not`,
    ];
  }
  const expected = event?.span && contract.spans[event.span]?.name;
  return expected && expected !== span.name
    ? [`was written in ${span.name}, not in ${expected}`]
    : [];
}

function fieldFaults(line: LogLine, event: LogEvent): string[] {
  const keys = new Map(
    Object.entries(event.fields).map(([identifier, attribute]) => [
      attribute.key,
      { attribute, isRequired: event.required.includes(identifier) },
    ]),
  );
  const missing = [...keys].flatMap(([key, { isRequired }]) =>
    isRequired && line.fields[key] === undefined ? [`lacks the field ${key}`] : [],
  );
  const wrong = Object.entries(line.fields).flatMap(([key, value]) => {
    const field = keys.get(key);
    if (field === undefined) {
      return pinoFields.includes(key) ? [] : [`has the unknown field ${key}`];
    }
    const fault = validateValue(field.attribute, value);
    return fault === undefined ? [] : [`has a ${key} that is ${fault}`];
  });
  const level =
    line.level === event.level ? [] : [`has the level ${line.level}, not ${event.level}`];
  return [...level, ...missing, ...wrong];
}
