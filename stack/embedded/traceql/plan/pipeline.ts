import { printExpression } from "../print-expression.ts";
import type { Expression, Scalar, ScalarFilter, Stage } from "../syntax.ts";
import { valueSql } from "./conditions.ts";
import type { RowSource } from "./row-source.ts";
import { planSpanset, rowsOf } from "./spansets.ts";
import type { Statement } from "./statement.ts";
import { firstOf, isNumber, literalSql, single, type TypedSql } from "./typed-sql.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What the stages of a query leave. */
export interface PlannedPipeline {
  /** The name of a relation of spans: row_id, trace_id, span_id, parent_id, start_ns, duration_ns, group_values. */
  readonly relation: string;
  readonly isGrouped: boolean;
  /** The expressions whose values are in group_values, in that order. */
  readonly groupedBy: readonly string[];
  /** Numbers that were calculated for each spanset, in relations of trace_id and group_values. */
  readonly aggregates: readonly Aggregate[];
}

export interface Aggregate {
  /** As the query says it: `avg(duration)`. */
  readonly name: string;
  readonly type: TypedSql["type"];
  readonly relation: string;
  readonly column: string;
}

export interface PlanInput {
  readonly statement: Statement;
  readonly vocabulary: Vocabulary;
}

export function planPipeline(stages: readonly Stage[], input: PlanInput): PlannedPipeline {
  return stages.reduce<PlannedPipeline | null>(
    (before, stage) => planStage(stage, before, input),
    null,
  ) as PlannedPipeline;
}

function planStage(
  stage: Stage,
  before: PlannedPipeline | null,
  { statement, vocabulary }: PlanInput,
): PlannedPipeline {
  const isGrouped = before?.isGrouped ?? false;
  const kept: PlannedPipeline = before ?? {
    relation: "",
    isGrouped: false,
    groupedBy: [],
    aggregates: [],
  };
  switch (stage.type) {
    case "spanset": {
      const input = before === null ? null : before.relation;
      const relation = planSpanset(stage.spanset, { statement, vocabulary, input, isGrouped });
      return { ...kept, relation, aggregates: [] };
    }
    case "by": {
      const rows = rowsOf(vocabulary, kept.relation);
      const values = stage.expressions.map((expression) => taggedSql(expression, rows)).join(", ");
      const relation = statement.add(
        `SELECT kept.* EXCLUDE (group_values), list_concat(kept.group_values, [${values}]) AS group_values FROM ${rows.from}`,
      );
      const groupedBy = [...kept.groupedBy, ...stage.expressions.map(printExpression)];
      return { relation, isGrouped: true, groupedBy, aggregates: [] };
    }
    case "coalesce": {
      const relation = statement.add(
        `SELECT * EXCLUDE (group_values), CAST(NULL AS VARCHAR[]) AS group_values FROM ${kept.relation}`,
      );
      return { relation, isGrouped: false, groupedBy: [], aggregates: [] };
    }
    case "select":
      return kept;
    case "scalarFilter":
      return planScalarFilter(stage, kept, { statement, vocabulary });
    default:
      return stage satisfies never;
  }
}

function planScalarFilter(
  stage: ScalarFilter,
  kept: PlannedPipeline,
  { statement, vocabulary }: PlanInput,
): PlannedPipeline {
  const rows = rowsOf(vocabulary, kept.relation);
  const found: { name: string; value: TypedSql }[] = [];
  const left = scalarSql(stage.left, rows, found);
  const right = scalarSql(stage.right, rows, found);
  const columns = found.map(({ value }, index) => `, ${value.sql} AS aggregate_${index}`).join("");
  const passed = statement.add(
    `SELECT kept.trace_id, kept.group_values${columns} FROM ${rows.from} GROUP BY kept.trace_id, kept.group_values HAVING coalesce(${left.sql} ${stage.operator} ${right.sql}, false)`,
  );
  const relation = statement.add(
    `SELECT a.* FROM ${kept.relation} a SEMI JOIN ${passed} b ON b.trace_id = a.trace_id AND b.group_values IS NOT DISTINCT FROM a.group_values`,
  );
  const aggregates = found.map(({ name, value }, index) => ({
    name,
    type: value.type,
    relation: passed,
    column: `aggregate_${index}`,
  }));
  return { ...kept, relation, aggregates: [...kept.aggregates, ...aggregates] };
}

function scalarSql(
  scalar: Scalar,
  rows: RowSource,
  found: { name: string; value: TypedSql }[],
): TypedSql {
  switch (scalar.type) {
    case "literal":
      return literalSql(scalar.literal) ?? single("double", "NULL");
    case "aggregate": {
      const value = aggregateSql(scalar, rows);
      const of = scalar.of === null ? "" : printExpression(scalar.of);
      found.push({ name: `${scalar.function}(${of})`, value });
      return value;
    }
    case "arithmetic": {
      const [left, right] = [scalar.left, scalar.right].map((side) => scalarSql(side, rows, found));
      const operands = `CAST(${left?.sql} AS DOUBLE) ${scalar.operator} CAST(${right?.sql} AS DOUBLE)`;
      return single("double", `(${operands})`);
    }
    default:
      return scalar satisfies never;
  }
}

function aggregateSql(
  { function: name, of }: Extract<Scalar, { type: "aggregate" }>,
  rows: RowSource,
): TypedSql {
  if (of === null) {
    return single("int", "count(*)");
  }
  const numbers = valueSql(of, rows).map(firstOf).filter(isNumber);
  const types = new Set(numbers.map(({ type }) => type));
  const [only] = types.size === 1 ? types : [];
  const calculated = `${name}(${numberSql(numbers)})`;
  return only === "int" && name !== "avg"
    ? single("int", `CAST(${calculated} AS BIGINT)`)
    : single(only === "duration" ? "duration" : "double", calculated);
}

/** The one of them that is not NULL, as a DOUBLE. */
export function numberSql(numbers: readonly TypedSql[]): string {
  const doubles = numbers.map(({ sql }) => `CAST(${sql} AS DOUBLE)`);
  return doubles.length === 0 ? "CAST(NULL AS DOUBLE)" : `coalesce(${doubles.join(", ")})`;
}

/** A value with its type before it, `int:5`, so that one column can hold all types. */
function taggedSql(expression: Expression, rows: RowSource): string {
  return tagged(valueSql(expression, rows).map(firstOf));
}

export function tagged(values: readonly TypedSql[]): string {
  const texts = values.map(({ type, sql }) => `'${type}:' || CAST(${sql} AS VARCHAR)`);
  return texts.length === 0 ? "CAST(NULL AS VARCHAR)" : `coalesce(${texts.join(", ")}, NULL)`;
}
