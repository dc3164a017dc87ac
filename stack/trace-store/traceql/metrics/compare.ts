import type { DuckDBValue } from "@duckdb/node-api";
import type { CompareArguments, Field, IntrinsicName, Position, Query } from "#traceql";
import type { Series } from "../answer.ts";
import { plainText } from "../plain-text.ts";
import { filterSql } from "../plan/conditions.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { tagged } from "../plan/pipeline.ts";
import { Statement } from "../plan/statement.ts";
import { readTagged, toFirstMembers } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";
import { bucketSql, fullSeries, type MetricsOptions, rangeSql, stepEnds } from "./metrics-sql.ts";

export interface CompareInput {
  readonly query: Query;
  readonly compare: CompareArguments;
  readonly at: Position;
  readonly vocabulary: Vocabulary;
  readonly options: MetricsOptions;
  readonly run: (sql: string) => Promise<DuckDBValue[][]>;
}

/** Those of which many spans have the same value, as in Tempo. */
const intrinsics: readonly IntrinsicName[] = [
  "span:name",
  "span:kind",
  "span:status",
  "span:statusMessage",
  "span:childCount",
  "trace:rootName",
  "trace:rootService",
  "instrumentation:name",
  "instrumentation:version",
];

/**
 * How the spans of the selection differ from the others, the baseline: of every attribute the values
 * that most spans have, with how many have each, and how many have the attribute at all (`_total`).
 * A series without numbers says of which attributes there are more values than these.
 */
export async function compareSpans(input: CompareInput): Promise<Series[]> {
  const { vocabulary, options, run } = input;
  const fields: readonly Field[] = [
    ...intrinsics.map((name): Field => ({ type: "intrinsic", name })),
    ...vocabulary.listKeys("span", "resource", "instrumentation"),
  ];
  const [isSelected = [], field = [], value = [], bucket = [], count = []] = await run(
    compareSql(input, fields),
  );
  const rows = isSelected.map((selected, row) => ({
    meta: metaLabel(selected as boolean | null, value[row] === null),
    field: Number(field[row]),
    value: value[row] as string | null,
    step: Number(bucket[row]),
    count: Number(count[row]),
  }));
  const ends = stepEnds(options);
  const groups = Map.groupBy(
    rows,
    ({ meta, ...row }) => `${plainText(meta.value)} ${row.field} ${row.value}`,
  );
  return [...groups.values()].flatMap((ofGroup) => {
    const [first] = ofGroup;
    const compared = fields[first?.field ?? -1];
    if (first === undefined || compared === undefined) {
      return [];
    }
    const labels: Series["labels"] = [
      first.meta,
      { key: printField(compared), value: readTagged(first.value ?? "string:nil").value },
    ];
    const counts = new Map(ofGroup.map(({ step, count }) => [step, count]));
    return [fullSeries(labels, ends, (step) => counts.get(step) ?? 0)];
  });
}

/** @param isSelected Null: the attribute has more values, in one of the two, than are listed. */
function metaLabel(isSelected: boolean | null, isTotal: boolean): Series["labels"][number] {
  if (isSelected === null) {
    return { key: "__meta_error", value: { type: "string", value: "__too_many_values__" } };
  }
  const value = `${isSelected ? "selection" : "baseline"}${isTotal ? "_total" : ""}`;
  return { key: "__meta_type", value: { type: "string", value } };
}

/**
 * Rows of is_selected, the number of the field, its value or null for all, step and count; is_selected
 * is null where the field has more values than are listed.
 */
function compareSql(
  { query, compare, at, vocabulary, options }: CompareInput,
  fields: readonly Field[],
): string {
  const statement = new Statement();
  const { rows, where } = keptRows(query.stages, { statement, vocabulary });
  const { selection, topN, startNs, endNs } = compare;
  const bounds = [
    ...(startNs === null ? [] : [`s.start_ns >= ${startNs}`]),
    ...(endNs === null ? [] : [`s.start_ns <= ${endNs}`]),
  ];
  const condition = selection.condition === null ? "true" : filterSql(selection.condition, rows);
  const values = fields.map((field) => tagged(toFirstMembers(rows.valueOf(field, at))));
  const spans = statement.add(
    rows.select(
      `(${[condition, ...bounds].join(" AND ")}) AS is_selected, ${bucketSql(options)} AS bucket, [${values.join(", ")}] AS field_values`,
      `WHERE ${where} AND ${rangeSql(options)}`,
    ),
  );
  const counted = statement.add(
    `SELECT is_selected, field, field_value, bucket, count(*) AS found FROM (SELECT is_selected, bucket, unnest(field_values) AS field_value, unnest(range(${fields.length})) AS field FROM ${spans}) WHERE field_value IS NOT NULL GROUP BY ALL`,
  );
  const most = statement.add(
    `SELECT is_selected, field, field_value FROM ${counted} GROUP BY is_selected, field, field_value QUALIFY row_number() OVER (PARTITION BY is_selected, field ORDER BY sum(found) DESC, field_value) <= ${topN}`,
  );
  return statement.select(
    `SELECT is_selected, field, field_value, bucket, found FROM ${counted} SEMI JOIN ${most} USING (is_selected, field, field_value) UNION ALL SELECT is_selected, field, NULL, bucket, CAST(sum(found) AS BIGINT) FROM ${counted} GROUP BY is_selected, field, bucket UNION ALL SELECT DISTINCT NULL, field, NULL, 0, 0 FROM (SELECT field FROM ${counted} GROUP BY is_selected, field HAVING count(DISTINCT field_value) > ${topN}) ORDER BY is_selected NULLS LAST, field, field_value NULLS LAST, bucket`,
  );
}
