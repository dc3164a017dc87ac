import { type Contract, judgeTrace, type Span, shortText, type Violation } from "#contract";

/** A trace that holds a request and breaks no rule. */
export function isAsContracted(contract: Contract, spans: readonly Span[]): boolean {
  const { requests, violations } = judgeTrace(contract, spans);
  return requests.length > 0 && violations.length === 0;
}

/** A violation in a line. */
export function sentenceOf({ rule, spanName, spanId, seen, expected }: Violation): string {
  return `${shortText(spanName)} (${spanId}) ${rule}: ${shortText(seen)}, expected ${expected}`;
}
