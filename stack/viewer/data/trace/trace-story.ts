import {
  type Contract,
  durationOf,
  judgeTrace,
  notJudgedLines,
  rules,
  type Span,
  serviceNameOf,
  type Violation,
  writeResourceSpans,
} from "#contract";
import { type Waterfall, waterfallOf } from "../waterfall.ts";

/** A violation, with what its rule says. */
export interface ExplainedViolation extends Violation {
  readonly meaning: string;
}

/** What a trace's page shows of its spans. */
export interface TraceStory {
  readonly waterfall: Waterfall;
  /** In the order of the waterfall. */
  readonly violations: readonly ExplainedViolation[];
  /** Whether the contract judges any of it: it is of a service of its own, and holds a request. */
  readonly verdict: "kept" | "broken" | "not judged";
  /** Why it is not judged, or which part of it is not. */
  readonly notJudged: readonly string[];
  readonly violationsBySpan: ReadonlyMap<string, readonly ExplainedViolation[]>;
  readonly services: readonly string[];
  /** Spans of one id that another has before them: the tree has a place for one of each id. */
  readonly hiddenCount: number;
}

/** Judges the spans of one trace by a contract, and puts them into their places. */
export function traceStory(contract: Contract, spans: readonly Span[]): TraceStory {
  const waterfall = waterfallOf(spans);
  const places = new Map(waterfall.rows.map(({ span }, place) => [span.spanId, place]));
  const placeOf = ({ spanId }: Violation) => places.get(spanId) ?? 0;
  const judgement = judgeTrace(contract, spans);
  const violations = judgement.violations
    .map((violation) => ({ ...violation, meaning: meaningOf(contract, violation.rule) }))
    .sort((one, other) => placeOf(one) - placeOf(other));
  const holdsNone = judgement.judged.length > 0 && judgement.requests.length === 0;
  const isJudged = judgement.requests.length > 0;
  return {
    waterfall,
    violations,
    verdict: violations.length > 0 ? "broken" : isJudged ? "kept" : "not judged",
    notJudged: [
      ...(holdsNone ? ["It holds no request that the contract judges."] : []),
      ...notJudgedLines(judgement),
    ],
    violationsBySpan: Map.groupBy(violations, ({ spanId }) => spanId),
    services: [...new Set(spans.map((span) => serviceOf(contract, span)))],
    hiddenCount: spans.length - waterfall.rows.length,
  };
}

function meaningOf(contract: Contract, rule: string): string {
  const general: Readonly<Record<string, string>> = rules;
  const own = contract.invariants.find((invariant) => invariant.rule === rule);
  return own?.meaning ?? (Object.hasOwn(general, rule) ? (general[rule] ?? "") : "");
}

/** What a resource calls its service; the contract knows under which key. */
function serviceOf({ resource }: Contract, span: Span): string {
  const key = resource.attributes[resource.serviceName]?.key;
  const value = span.resource.attributes.find((attribute) => attribute.key === key)?.value;
  return value?.type === "string" ? value.value : "";
}

/** The spans as a file in the form of the sample trace: OTLP JSON, the first span first. */
export function traceFile(spans: readonly Span[]): string {
  const inOrder = spans.toSorted(
    (one, other) =>
      Number(one.startTimeUnixNano - other.startTimeUnixNano) ||
      Number(durationOf(other) - durationOf(one)),
  );
  return `${JSON.stringify({ resourceSpans: writeResourceSpans(inOrder, "otlp") }, null, 2)}\n`;
}

/** Loki's query for the lines of a trace, in the form that the dashboards use. */
export function logQueryOf(contract: Contract, traceId: string): string {
  return `{service_name=${JSON.stringify(serviceNameOf(contract))}} | trace_id="${traceId}"`;
}
