import { type Contract, judgeTrace, requestRoots, type Violation } from "#contract";
import { sentenceOf } from "../../stack/index.ts";
import { answerFaults } from "./answer-faults.ts";
import { lineFaults } from "./line-faults.ts";
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
        ...violations.filter((violation) => !isOfAttributes(violation)).map(sentenceOf),
      ],
      attributes: [...violations.filter(isOfAttributes).map(sentenceOf), ...answerFaults(request)],
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
