import {
  type Contract,
  type ContractCheck,
  counted,
  rules,
  shortText,
  type TraceExample,
  traceql,
} from "#contract";

/** So many traces are judged, the newest: each is one more request to the store. */
export const sampledTraces = 20;
/** Of what is found so much is shown. */
const mostShown = 5;

/** Finds traces in which the service has a span, the newest first. */
export function createSampleQuery(contract: Contract): string {
  return traceql(contract).anySpan().with({ mostRecent: true }).text;
}

/** One thing that breaks the contract. */
export interface ShownFinding {
  /** Which span and attribute. */
  readonly about: string;
  /** What is wrong, in a sentence. */
  readonly sentence: string;
  /** The share of the traces, such as `3 of 20`. */
  readonly share: string;
  readonly newest: TraceExample;
}

export interface ContractAnswer {
  readonly state: "kept" | "broken" | "unknown";
  /** The answer in a sentence. */
  readonly sentence: string;
  readonly findings: readonly ShownFinding[];
  /** How many findings there are besides. */
  readonly others: number;
}

/** What a check says, for a person who has only a moment. */
export function answerCheck(check: ContractCheck): ContractAnswer {
  const { traces, brokenTraces, unfinishedTraces } = check;
  const found = [
    ...check.newNames.map(({ kind, name, spanName, insteadOf, renamedTo, ...finding }) => ({
      ...finding,
      about: kind === "span" ? name : `${spanName} · ${name}`,
      sentence: `No contract has this ${kind}.${hint(insteadOf, renamedTo)}`,
    })),
    ...check.violations.map(({ rule, spanName, subject, seen, expected, ...finding }) => ({
      ...finding,
      about: subject === null ? spanName : `${spanName} · ${subject}`,
      sentence: Object.hasOwn(rules, rule)
        ? `${rule}: ${rules[rule as keyof typeof rules]}`
        : `${rule}: ${shortText(seen)}, expected ${shortText(expected)}.`,
    })),
  ].sort((one, other) => other.traces - one.traces);
  const waiting =
    unfinishedTraces === 0 ? "" : ` ${counted(unfinishedTraces, "trace")} may not be complete yet.`;
  return {
    state: traces === 0 ? "unknown" : found.length === 0 ? "kept" : "broken",
    sentence: `${answerInWords(traces, brokenTraces)}${waiting}`,
    findings: found.slice(0, mostShown).map(({ about, sentence, traces: count, newest }) => ({
      about: shortText(about),
      sentence,
      share: `${count} of ${counted(traces, "trace")}`,
      newest,
    })),
    others: Math.max(0, found.length - mostShown),
  };
}

function hint(insteadOf: string | null, renamedTo: string | null): string {
  if (renamedTo !== null) {
    return ` It is ${renamedTo} now.`;
  }
  return insteadOf === null ? "" : ` Perhaps it was ${insteadOf}.`;
}

function answerInWords(traces: number, broken: number): string {
  if (traces === 0) {
    return "Nobody knows: there is no trace of the last hour to judge.";
  }
  return broken === 0
    ? `Yes: ${traces === 1 ? "the only trace is" : `all of ${counted(traces, "trace")} are`} as contracted.`
    : `No: ${broken} of ${counted(traces, "trace")} ${broken === 1 ? "breaks" : "break"} it.`;
}
