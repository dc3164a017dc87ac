import type { SpanKind, StatusCode } from "../../otlp/span.ts";

/** What a query is once it is read: the form that the typing, the plan and the tests work on. */
export interface Query {
  /** Never empty; the first is a spanset, `{ }` where the text begins with another stage. */
  readonly stages: readonly Stage[];
  /** Makes a metrics query of it; without, it is a search. */
  readonly metrics: MetricsStage | null;
  /** What is done to the series afterwards, in this order. */
  readonly seriesStages: readonly SeriesStage[];
  /** `with (most_recent=true)`; any other hint is accepted, and without a meaning here. */
  readonly hints: readonly Hint[];
}

/** A place in the text of a query. */
export interface Position {
  /** UTF-16 units from the beginning. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** UTF-16 units from the beginning of the line, from 1. */
  readonly column: number;
}

export type Stage =
  | { readonly type: "spanset"; readonly spanset: Spanset }
  | { readonly type: "by"; readonly expression: Expression; readonly at: Position }
  | { readonly type: "coalesce"; readonly at: Position }
  | { readonly type: "select"; readonly fields: readonly Field[]; readonly at: Position }
  | ScalarFilter;

/** `count() > 2`: keeps the spansets for which it is true. One side is an aggregate, one a literal. */
export interface ScalarFilter {
  readonly type: "scalarFilter";
  readonly operator: ComparisonOperator;
  readonly left: Scalar;
  readonly right: Scalar;
  readonly at: Position;
}

export type Spanset =
  /** `{ … }`; without a condition `{ }`, which is every span. */
  | { readonly type: "filter"; readonly condition: Expression | null; readonly at: Position }
  | {
      readonly type: "combined";
      readonly operator: SpansetOperator;
      readonly left: Spanset;
      readonly right: Spanset;
      readonly at: Position;
    }
  /** `({ a } | count() > 2)`: a pipeline that stands where a spanset may, in the first stage only. */
  | { readonly type: "pipeline"; readonly stages: readonly Stage[]; readonly at: Position };

/** Relations of a span of the right side to one of the left, as TraceQL writes them. */
export const relationText = {
  child: ">",
  descendant: ">>",
  parent: "<",
  ancestor: "<<",
  sibling: "~",
} as const;

export type Relation = keyof typeof relationText;

export type SpansetOperator =
  | { readonly type: "and" }
  | { readonly type: "or" }
  /**
   * `>` child, `>>` descendant, `<` parent, `<<` ancestor, `~` sibling: keeps spans of the right side.
   * isNegated (`!>` …): those of the right side that have no such span on the left.
   * isUnion (`&>` …): the spans of both sides that stand in the relation.
   */
  | {
      readonly type: "structural";
      readonly relation: Relation;
      readonly isNegated: boolean;
      readonly isUnion: boolean;
    };

export type Expression =
  | { readonly type: "literal"; readonly literal: Literal; readonly at: Position }
  | { readonly type: "field"; readonly field: Field; readonly at: Position }
  | {
      readonly type: "unary";
      readonly operator: "!" | "-";
      readonly operand: Expression;
      readonly at: Position;
    }
  | {
      readonly type: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      /** Of the operator. */
      readonly at: Position;
    };

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^";
export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";
export type RegexOperator = "=~" | "!~";
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | RegexOperator | "&&" | "||";

export type Literal =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "duration"; readonly nanoseconds: bigint }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "status"; readonly value: StatusCode }
  | { readonly type: "kind"; readonly value: SpanKind }
  | { readonly type: "nil" }
  /** What Grafana replaces before a query is sent, such as `$threshold`. No parser makes one. */
  | { readonly type: "placeholder"; readonly text: string };

/** `any` is the form without a scope, `.name`: the span's, or else the resource's. */
export type AttributeScope = "span" | "resource" | "event" | "link" | "instrumentation" | "any";

export type Field =
  | { readonly type: "attribute"; readonly scope: AttributeScope; readonly name: string }
  | { readonly type: "intrinsic"; readonly name: IntrinsicName };

export type AggregateFunction = "count" | "min" | "max" | "avg" | "sum";

/** A number for a whole spanset. */
export type Scalar =
  | { readonly type: "literal"; readonly literal: Literal; readonly at: Position }
  | {
      readonly type: "aggregate";
      readonly function: AggregateFunction;
      /** Null for `count()` alone. */
      readonly of: Expression | null;
      readonly at: Position;
    };

export interface MetricsStage {
  readonly function:
    | "rate"
    | "count_over_time"
    | "min_over_time"
    | "max_over_time"
    | "avg_over_time"
    | "sum_over_time"
    | "quantile_over_time"
    | "histogram_over_time"
    | "compare";
  /** What is measured; null for `rate`, `count_over_time` and `compare`. */
  readonly of: Field | null;
  /** Of `quantile_over_time`: between 0 and 1, in the order written. */
  readonly quantiles: readonly number[];
  /** Empty without `by`. Never more than five. */
  readonly by: readonly Field[];
  readonly compare: CompareArguments | null;
  readonly at: Position;
}

/** `compare({ selection }, topN, start, end)`: the times in nanoseconds, null when not given. */
export interface CompareArguments {
  readonly selection: Extract<Spanset, { type: "filter" }>;
  readonly topN: number;
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
}

export type SeriesStage =
  | { readonly type: "topk" | "bottomk"; readonly count: number; readonly at: Position }
  | {
      readonly type: "threshold";
      readonly operator: ComparisonOperator;
      readonly value: Literal;
      readonly at: Position;
    };

export interface Hint {
  readonly name: string;
  readonly value: Literal;
}

/** The spelling with a scope that TraceQL's documentation prefers; `intrinsics.ts` has the others. */
export type IntrinsicName =
  | "span:id"
  | "span:parentID"
  | "span:name"
  | "span:duration"
  | "span:status"
  | "span:statusMessage"
  | "span:kind"
  | "span:childCount"
  | "trace:id"
  | "trace:duration"
  | "trace:rootName"
  | "trace:rootService"
  | "event:name"
  | "event:timeSinceStart"
  | "link:traceID"
  | "link:spanID"
  | "instrumentation:name"
  | "instrumentation:version"
  | "nestedSetParent"
  | "nestedSetLeft"
  | "nestedSetRight";

/** Whether a pipeline of several stages is a part of it. */
export function holdsPipeline(spanset: Spanset): boolean {
  return (
    spanset.type === "pipeline" ||
    (spanset.type === "combined" && (holdsPipeline(spanset.left) || holdsPipeline(spanset.right)))
  );
}

/** Of parts that nobody wrote in a text. */
export const startPosition: Position = { offset: 0, line: 1, column: 1 };

export function literalExpression(literal: Literal): Expression {
  return { type: "literal", literal, at: startPosition };
}

export function fieldExpression(field: Field): Expression {
  return { type: "field", field, at: startPosition };
}

export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { type: "binary", operator, left, right, at: startPosition };
}

export function not(operand: Expression): Expression {
  return { type: "unary", operator: "!", operand, at: startPosition };
}

export function isArithmetic(operator: string): operator is ArithmeticOperator {
  return operator.length === 1 && "+-*/%^".includes(operator);
}
