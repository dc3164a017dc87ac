import type { Span } from "#contract";
import type { Relation, Spanset, SpansetOperator, Stage } from "#traceql";
import { isTrue } from "./expressions.ts";
import { listSubjects } from "./fields.ts";
import { areSiblings, findAncestors, isChild, type Trace } from "./trace.ts";

/** What the stages of a pipeline in parentheses keep of a trace. */
type KeptByStages = (stages: readonly Stage[], trace: Trace) => readonly Span[];

/** Those of the spans that a spanset keeps. All are of one trace, and of one group. */
export function keptBy(
  spanset: Spanset,
  spans: readonly Span[],
  trace: Trace,
  keptByStages: KeptByStages,
): ReadonlySet<Span> {
  switch (spanset.type) {
    case "filter": {
      const { condition } = spanset;
      return new Set(
        condition === null
          ? spans
          : spans.filter((span) =>
              listSubjects(span, trace).some((subject) => isTrue(condition, subject)),
            ),
      );
    }
    case "combined":
      return combine(
        spanset.operator,
        keptBy(spanset.left, spans, trace, keptByStages),
        keptBy(spanset.right, spans, trace, keptByStages),
        trace,
      );
    case "pipeline":
      return new Set(keptByStages(spanset.stages, trace));
    default:
      return spanset satisfies never;
  }
}

type Side = ReadonlySet<Span>;

function combine(operator: SpansetOperator, left: Side, right: Side, trace: Trace): Side {
  switch (operator.type) {
    case "or":
      return new Set([...left, ...right]);
    case "and":
      return left.size > 0 && right.size > 0 ? new Set([...left, ...right]) : new Set();
    case "structural":
      return related(operator, left, right, trace);
    default:
      return operator satisfies never;
  }
}

function related(
  { relation, isNegated, isUnion }: Extract<SpansetOperator, { type: "structural" }>,
  left: Side,
  right: Side,
  trace: Trace,
): Side {
  const above = new Map(trace.spans.map((span) => [span, findAncestors(span, trace)]));
  const stands = (one: Span, other: Span) => isRelated(relation, one, other, above);
  const ofRight = [...right].filter(
    (span) => [...left].some((partner) => stands(span, partner)) !== isNegated,
  );
  const ofLeft = [...left].filter((span) => [...right].some((partner) => stands(partner, span)));
  return new Set(isUnion ? [...ofLeft, ...ofRight] : ofRight);
}

/** Whether a span is the child, descendant … of another. */
function isRelated(
  relation: Relation,
  span: Span,
  other: Span,
  above: ReadonlyMap<Span, ReadonlySet<Span>>,
): boolean {
  switch (relation) {
    case "child":
      return isChild(span, other);
    case "parent":
      return isChild(other, span);
    case "descendant":
      return above.get(span)?.has(other) ?? false;
    case "ancestor":
      return above.get(other)?.has(span) ?? false;
    case "sibling":
      return areSiblings(span, other);
    default:
      return relation satisfies never;
  }
}
