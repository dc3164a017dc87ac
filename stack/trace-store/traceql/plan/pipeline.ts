import type { Scalar, ScalarFilter, Stage } from "#traceql";
import { printExpression } from "../print-expression.ts";
import { valueSql } from "./conditions.ts";
import type { RowSource } from "./row-source.ts";
import { createRowSource, planSpanset, ungrouped } from "./spansets.ts";
import type { Statement } from "./statement.ts";
import {
  comparedSql,
  listNumberSql,
  literalSql,
  single,
  type TypedSql,
  toFirstMembers,
} from "./typed-sql.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What the stages of a query leave. */
export interface PlannedPipeline {
  /** The name of a relation of spans, with the columns of `ownColumns` in spansets.ts. */
  readonly relation: string;
  readonly isGrouped: boolean;
  /** The expressions whose values are in group_values, in that order. */
  readonly groupedBy: readonly string[];
  /** As the query says them, `avg(duration)`: the numbers that are in aggregate_values, in that order. */
  readonly aggregates: readonly string[];
}

export interface PlanInput {
  readonly statement: Statement;
  readonly vocabulary: Vocabulary;
}

export function planPipeline(stages: readonly Stage[], input: PlanInput): PlannedPipeline {
  const nothingYet = { relation: "", isGrouped: false, groupedBy: [], aggregates: [] };
  return stages.reduce<PlannedPipeline>(
    (before, stage, index) => planStage(stage, before, { ...input, isFirst: index === 0 }),
    nothingYet,
  );
}

function planStage(
  stage: Stage,
  before: PlannedPipeline,
  { isFirst, ...input }: PlanInput & { isFirst: boolean },
): PlannedPipeline {
  const { statement, vocabulary } = input;
  switch (stage.type) {
    case "spanset":
      if (stage.spanset.type === "pipeline") {
        return planPipeline(stage.spanset.stages, input);
      }
      return {
        ...before,
        relation: planSpanset(stage.spanset, {
          ...input,
          input: isFirst ? null : before.relation,
          isGrouped: before.isGrouped,
          planPipeline: (stages) => planPipeline(stages, input),
        }),
      };
    case "by": {
      const rows = createRowSource(vocabulary, before.relation);
      const value = tagged(toFirstMembers(valueSql(stage.expression, rows)));
      const relation = statement.add(
        rows.select(`kept.* REPLACE (list_append(kept.group_values, ${value}) AS group_values)`),
      );
      const groupedBy = [...before.groupedBy, printExpression(stage.expression)];
      return { ...before, relation, isGrouped: true, groupedBy };
    }
    case "coalesce":
      return {
        relation: statement.add(`SELECT * REPLACE (${ungrouped}) FROM ${before.relation}`),
        isGrouped: false,
        groupedBy: [],
        aggregates: [],
      };
    case "select":
      return before;
    case "scalarFilter":
      return planScalarFilter(stage, before, input);
    default:
      return stage satisfies never;
  }
}

/** Keeps the groups for which the comparison is true, and notes the number beside each of their spans. */
function planScalarFilter(
  stage: ScalarFilter,
  before: PlannedPipeline,
  { statement, vocabulary }: PlanInput,
): PlannedPipeline {
  const rows = createRowSource(vocabulary, before.relation);
  const left = scalarSql(stage.left, rows);
  const right = scalarSql(stage.right, rows);
  const aggregate = stage.left.type === "aggregate" ? stage.left : stage.right;
  const value = aggregate === stage.left ? left : right;
  const passed = statement.add(
    rows.select(
      `kept.trace_id, kept.group_values, ${tagged([value])} AS aggregate_value`,
      `GROUP BY kept.trace_id, kept.group_values HAVING ${comparedSql(stage.operator, left, right)}`,
    ),
  );
  const relation = statement.add(
    `SELECT a.* REPLACE (list_append(a.aggregate_values, b.aggregate_value) AS aggregate_values) FROM ${before.relation} a JOIN ${passed} b ON b.trace_id = a.trace_id AND b.group_values IS NOT DISTINCT FROM a.group_values`,
  );
  return { ...before, relation, aggregates: [...before.aggregates, printScalar(aggregate)] };
}

function printScalar(scalar: Scalar): string {
  return scalar.type === "literal"
    ? ""
    : `${scalar.function}(${scalar.of === null ? "" : printExpression(scalar.of)})`;
}

function scalarSql(scalar: Scalar, rows: RowSource): TypedSql {
  return scalar.type === "literal"
    ? (literalSql(scalar.literal) ?? single("double", "NULL"))
    : aggregateSql(scalar, rows);
}

function aggregateSql(
  { function: name, of }: Extract<Scalar, { type: "aggregate" }>,
  rows: RowSource,
): TypedSql {
  if (of === null) {
    return single("int", "count(*)");
  }
  const numbers = listNumberSql(valueSql(of, rows));
  const types = new Set(numbers.map(({ type }) => type));
  const [only] = types.size === 1 ? types : [];
  const whole = `coalesce(${numbers.map(({ sql }) => sql).join(", ")}, NULL)`;
  if (only === "duration" && name === "avg") {
    // Durations are whole nanoseconds, and so is their average.
    return single(
      only,
      of.type === "field"
        ? `sum(CAST(${whole} AS HUGEINT)) // count(${whole})`
        : `TRY_CAST(trunc(avg(${numberSql(numbers)})) AS HUGEINT)`,
    );
  }
  const isExact = (only === "int" || only === "duration") && name !== "avg";
  if (isExact && (name !== "sum" || of.type === "field")) {
    return single(only, `${name}(${whole})`);
  }
  const calculated = `${name}(${numberSql(numbers)})`;
  // What is calculated may have 128 bits already, and its sum more.
  return isExact
    ? single(only, `TRY_CAST(${calculated} AS HUGEINT)`)
    : single(only === "duration" ? "duration" : "double", calculated);
}

/** The one of them that is not NULL, as a DOUBLE. */
export function numberSql(numbers: readonly TypedSql[]): string {
  const doubles = numbers.map(({ sql }) => `CAST(${sql} AS DOUBLE)`);
  return doubles.length === 0 ? "CAST(NULL AS DOUBLE)" : `coalesce(${doubles.join(", ")})`;
}

/** A value with its type before it, `int:5`, so that one column can hold all types. */
export function tagged(values: readonly TypedSql[]): string {
  const texts = values.map(({ type, sql }) => `'${type}:' || CAST(${sql} AS VARCHAR)`);
  return texts.length === 0 ? "CAST(NULL AS VARCHAR)" : `coalesce(${texts.join(", ")}, NULL)`;
}
