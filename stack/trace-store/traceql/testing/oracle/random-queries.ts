import fc from "fast-check";
import {
  type AggregateFunction,
  type ComparisonOperator,
  type Field,
  type Hint,
  type MetricsStage,
  type Query,
  type Relation,
  type Scalar,
  type SeriesStage,
  type Spanset,
  type SpansetOperator,
  type Stage,
  startPosition,
} from "#traceql";
import { condition, groupingExpression } from "./random-expressions.ts";
import { anyField, measuredField } from "./random-fields.ts";
import { measuredExpression, numberLiteral } from "./random-numbers.ts";
import type { Spelling } from "./spelling.ts";

/** Queries as syntax trees, from the whole grammar that the store answers. */

export const spelling: fc.Arbitrary<Spelling> = fc.record({
  isExplicit: fc.boolean(),
  isOlder: fc.boolean(),
  isShort: fc.boolean(),
  escapes: fc.constantFrom("none" as const, "hex" as const, "octal" as const, "unicode" as const),
});

const comparison = fc.constantFrom<ComparisonOperator>("=", "!=", "<", "<=", ">", ">=");

const spansetOperator: fc.Arbitrary<SpansetOperator> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<SpansetOperator>({ type: "and" }) },
  { weight: 1, arbitrary: fc.constant<SpansetOperator>({ type: "or" }) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        type: fc.constant("structural" as const),
        relation: fc.constantFrom<Relation>("child", "descendant", "parent", "ancestor", "sibling"),
        form: fc.constantFrom("plain", "plain", "negated", "union"),
      })
      .map(({ type, relation, form }) => ({
        type,
        relation,
        isNegated: form === "negated",
        isUnion: form === "union",
      })),
  },
);

const filter: fc.Arbitrary<Spanset> = fc
  .option(condition, { freq: 6 })
  .map((inner) => ({ type: "filter", condition: inner, at: startPosition }));

function combined(one: fc.Arbitrary<Spanset>, other: fc.Arbitrary<Spanset>): fc.Arbitrary<Spanset> {
  return fc
    .tuple(spansetOperator, one, other, fc.boolean())
    .map(([operator, first, second, turn]) => {
      const [left, right] = turn ? [second, first] : [first, second];
      return { type: "combined", operator, left, right, at: startPosition };
    });
}

const spanset: fc.Arbitrary<Spanset> = fc.letrec<{ spanset: Spanset }>((tie) => ({
  spanset: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 4, arbitrary: filter },
    {
      weight: 3,
      arbitrary: fc.tuple(spansetOperator, tie("spanset"), tie("spanset")).map(
        ([operator, left, right]): Spanset => ({
          type: "combined",
          operator,
          left,
          right,
          at: startPosition,
        }),
      ),
    },
  ),
})).spanset;

const aggregate: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant<Scalar>({ type: "aggregate", function: "count", of: null, at: startPosition }),
  fc
    .tuple(fc.constantFrom<AggregateFunction>("min", "max", "avg", "sum"), measuredExpression)
    .map(([name, of]): Scalar => ({ type: "aggregate", function: name, of, at: startPosition })),
);

const scalarLiteral: fc.Arbitrary<Scalar> = numberLiteral.map((expression) => ({
  type: "literal",
  literal: expression.type === "literal" ? expression.literal : { type: "nil" },
  at: startPosition,
}));

const scalarFilter: fc.Arbitrary<Stage> = fc
  .tuple(comparison, aggregate, scalarLiteral, fc.nat(5))
  .map(([operator, one, other, turn]) => {
    const [left, right] = turn === 0 ? [other, one] : [one, other];
    return { type: "scalarFilter", operator, left, right, at: startPosition };
  });

const stage: fc.Arbitrary<Stage> = fc.oneof(
  { weight: 2, arbitrary: spanset.map((inner): Stage => ({ type: "spanset", spanset: inner })) },
  {
    weight: 3,
    arbitrary: groupingExpression.map(
      (expression): Stage => ({ type: "by", expression, at: startPosition }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Stage>({ type: "coalesce", at: startPosition }) },
  {
    weight: 2,
    arbitrary: fc
      .array(anyField, { minLength: 1, maxLength: 3 })
      .map((fields): Stage => ({ type: "select", fields, at: startPosition })),
  },
  { weight: 4, arbitrary: scalarFilter },
);

const allSpans: Spanset = { type: "filter", condition: null, at: startPosition };

/** Often all spans, of which the text may say nothing. */
const firstSpanset = fc.oneof(
  { weight: 4, arbitrary: spanset },
  { weight: 1, arbitrary: fc.constant(allSpans) },
);

/** Nothing takes what they leave. */
const pipelines: fc.Arbitrary<Stage[]> = fc
  .letrec<{ side: Spanset; several: Spanset }>((tie) => ({
    side: fc.oneof({ maxDepth: 2, depthSize: "small" }, pipeline(), tie("several")),
    several: combined(tie("side"), fc.oneof(spanset, tie("side"))),
  }))
  .side.map((inner) => [{ type: "spanset", spanset: inner }]);

/** Several stages in parentheses, in place of a spanset. */
function pipeline(): fc.Arbitrary<Spanset> {
  return fc
    .tuple(firstSpanset, fc.array(stage, { minLength: 1, maxLength: 3 }))
    .map(([first, more]) => ({
      type: "pipeline",
      stages: [{ type: "spanset", spanset: first }, ...more],
      at: startPosition,
    }));
}

const stages: fc.Arbitrary<Stage[]> = fc
  .tuple(
    firstSpanset.map((inner): Stage => ({ type: "spanset", spanset: inner })),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(stage, { maxLength: 4 })),
  )
  .map(([first, more]) => [first, ...more]);

const mostRecent = (value: boolean): Hint => ({
  name: "most_recent",
  value: { type: "bool", value },
});

export const searchQuery: fc.Arbitrary<Query> = fc.record({
  stages: fc.oneof({ weight: 9, arbitrary: stages }, { weight: 1, arbitrary: pipelines }),
  metrics: fc.constant(null),
  seriesStages: fc.constant([]),
  hints: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    fc.boolean().map((value) => [mostRecent(value)]),
  ),
});

const counting = fc.constantFrom("rate" as const, "count_over_time" as const);
const measuring = fc.constantFrom(
  "min_over_time" as const,
  "max_over_time" as const,
  "avg_over_time" as const,
  "sum_over_time" as const,
  "quantile_over_time" as const,
  "histogram_over_time" as const,
);

const by: fc.Arbitrary<Field[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Field[]>([]) },
  { weight: 2, arbitrary: fc.array(anyField, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.array(anyField, { minLength: 3, maxLength: 5 }) },
);

const metricsStage: fc.Arbitrary<MetricsStage> = fc
  .record({
    name: fc.oneof(counting, measuring),
    of: measuredField,
    quantiles: fc.uniqueArray(fc.constantFrom(0, 0.25, 0.5, 0.9, 0.99, 1), {
      minLength: 1,
      maxLength: 3,
    }),
    by,
  })
  .map(({ name, of, quantiles, by: fields }) => ({
    function: name,
    of: name === "rate" || name === "count_over_time" ? null : of,
    quantiles: name === "quantile_over_time" ? quantiles : [],
    by: fields,
    compare: null,
    at: startPosition,
  }));

const seriesStage: fc.Arbitrary<SeriesStage> = fc.oneof(
  fc
    .tuple(fc.constantFrom("topk" as const, "bottomk" as const), fc.integer({ min: 1, max: 3 }))
    .map(([type, count]): SeriesStage => ({ type, count, at: startPosition })),
  fc.tuple(comparison, numberLiteral).map(
    ([operator, value]): SeriesStage => ({
      type: "threshold",
      operator,
      value: value.type === "literal" ? value.literal : literalZero,
      at: startPosition,
    }),
  ),
);
const literalZero = { type: "int", value: 0n } as const;

export const metricsQuery: fc.Arbitrary<Query> = fc
  .record({
    stages,
    metrics: metricsStage,
    seriesStages: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      fc.array(seriesStage, { maxLength: 2 }),
    ),
  })
  .map((parts) => ({ ...parts, hints: [] }));
