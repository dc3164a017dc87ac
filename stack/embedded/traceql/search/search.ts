import type { DuckDBValue } from "@duckdb/node-api";
import type { KeyValue } from "#contract";
import type { FoundSpan, FoundSpanset, FoundTrace } from "../answer.ts";
import { type PlannedPipeline, planPipeline, tagged } from "../plan/pipeline.ts";
import { rowsOf } from "../plan/spansets.ts";
import { Statement } from "../plan/statement.ts";
import { readTagged } from "../plan/tagged-value.ts";
import { wholeOf } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";
import type { Query } from "../syntax.ts";
import { type Mention, mentionedFields } from "./mentioned-fields.ts";
import { hexOf, type Run, readTraceSummaries } from "./trace-summaries.ts";

export interface SearchOptions {
  /** Both null: all that is stored. A trace belongs to the range when one of its spans overlaps it. */
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  /** Traces. */
  readonly limit: number;
  readonly spansPerSpanset: number;
}

/**
 * The newest traces of which the query keeps spans.
 * @throws QueryError for what cannot be planned.
 */
export async function search(
  query: Query,
  vocabulary: Vocabulary,
  options: SearchOptions,
  run: Run,
): Promise<FoundTrace[]> {
  const mentions = mentionedFields(query);
  const statement = new Statement();
  const planned = planPipeline(query.stages, { statement, vocabulary });
  const sql = searchSql(statement, planned, mentions, vocabulary, options);
  const rows = readRows(await run(sql), mentions, planned);
  const byTrace = Map.groupBy(rows, ({ traceId }) => traceId);
  if (byTrace.size === 0) {
    return [];
  }
  const summaries = await readTraceSummaries([...byTrace.keys()], run);
  const found = new Map(
    [...byTrace].map(([traceId, ofTrace]) => [hexOf(traceId), toSpansets(ofTrace)]),
  );
  return summaries
    .map((summary) => ({ ...summary, spansets: found.get(summary.traceId) ?? [] }))
    .sort((one, other) => compareBigints(other.startNs, one.startNs) || compareTexts(one, other));
}

/** One row for each span that the answer shows. */
function searchSql(
  statement: Statement,
  { relation }: PlannedPipeline,
  mentions: readonly Mention[],
  vocabulary: Vocabulary,
  options: SearchOptions,
): string {
  const newest = statement.add(
    `SELECT trace_id FROM ${relation} m ${overlapSql(relation, options)} GROUP BY trace_id ORDER BY max(start_ns) DESC, trace_id LIMIT ${options.limit}`,
  );
  const ranked = statement.add(
    `SELECT *, row_number() OVER (PARTITION BY trace_id, group_values ORDER BY start_ns, span_id, row_id) AS rank, count(*) OVER (PARTITION BY trace_id, group_values) AS matched_count FROM ${relation} WHERE trace_id IN (SELECT trace_id FROM ${newest})`,
  );
  const rows = rowsOf(vocabulary, ranked);
  const values = mentions.map(({ field, at }) => tagged(wholeOf(rows.valueOf(field, at))));
  const columns = [
    "CAST(kept.trace_id AS VARCHAR)",
    "to_json(kept.group_values)",
    "to_json(kept.aggregate_values)",
    "kept.matched_count",
    "s.span_id",
    "s.start_ns",
    "s.duration_ns",
    ...values,
  ];
  return statement.select(
    `SELECT ${columns.join(", ")} FROM ${rows.from} WHERE kept.rank <= ${options.spansPerSpanset} ORDER BY 1, 2, s.start_ns, s.span_id`,
  );
}

function overlapSql(relation: string, { startNs, endNs }: SearchOptions): string {
  const bounds = [
    ...(endNs === null ? [] : [`start_ns <= ${endNs}`]),
    ...(startNs === null ? [] : [`start_ns + duration_ns >= ${startNs}`]),
  ];
  return bounds.length === 0
    ? ""
    : `SEMI JOIN (SELECT trace_id FROM spans WHERE ${bounds.join(" AND ")} AND trace_id IN (SELECT trace_id FROM ${relation})) inside USING (trace_id)`;
}

interface Row {
  readonly traceId: string;
  /** The values of `by`, as JSON. */
  readonly group: string;
  readonly matched: number;
  readonly span: FoundSpan;
  readonly attributes: readonly KeyValue[];
}

const fixedColumns = 7;

function readRows(
  columns: readonly DuckDBValue[][],
  mentions: readonly Mention[],
  { aggregates, groupedBy }: PlannedPipeline,
): Row[] {
  const [traceIds = [], groups = [], numbers = [], matched = [], ...ofSpans] = columns;
  const [spanIds = [], starts = [], durations = []] = ofSpans;
  return traceIds.map((traceId, row) => {
    const texts = columns.slice(fixedColumns).map((column) => column[row] as string | null);
    const group = String(groups[row]);
    return {
      traceId: String(traceId),
      group,
      matched: Number(matched[row]),
      span: {
        spanId: (spanIds[row] as bigint).toString(16).padStart(16, "0"),
        startNs: starts[row] as bigint,
        durationNs: durations[row] as bigint,
        ...spanAttributes(mentions, texts),
      },
      attributes: [
        ...listAttributes(
          groupedBy.map((name) => `by(${name})`),
          group,
          "string:nil",
        ),
        ...listAttributes(aggregates, String(numbers[row]), null),
      ],
    };
  });
}

function spanAttributes(mentions: readonly Mention[], texts: readonly (string | null)[]) {
  let name: string | null = null;
  const attributes: KeyValue[] = [];
  for (const [index, { field }] of mentions.entries()) {
    const text = texts[index] ?? null;
    if (field.type === "intrinsic" && field.name === "span:name") {
      name = text === null ? null : text.slice("string:".length);
    } else if (field.type === "attribute" || !unshown.has(field.name)) {
      attributes.push(...toAttribute(keyOf(field), text));
    }
  }
  // Of the span and of its resource, or without a scope, it may be the same name.
  return { name, attributes: [...new Map(attributes.map((one) => [one.key, one])).values()] };
}

/** What a span or a trace of an answer has anyway. */
const unshown = new Set([
  "span:duration",
  "span:id",
  "trace:id",
  "trace:duration",
  "trace:rootName",
  "trace:rootService",
]);

function keyOf(field: Mention["field"]): string {
  return field.type === "attribute" ? field.name : printField(field);
}

/** @param list Tagged values as JSON, one for each key. */
function listAttributes(keys: readonly string[], list: string, missing: string | null): KeyValue[] {
  const texts = JSON.parse(list) as (string | null)[];
  return keys.flatMap((key, index) => toAttribute(key, texts[index] ?? missing));
}

function toAttribute(key: string, text: string | null): KeyValue[] {
  return text === null ? [] : [{ key, value: readTagged(text).value }];
}

function toSpansets(rows: readonly Row[]): FoundSpanset[] {
  return [...Map.groupBy(rows, ({ group }) => group).values()].map((ofGroup) => ({
    spans: ofGroup.map(({ span }) => span),
    matched: ofGroup[0]?.matched ?? 0,
    attributes: ofGroup[0]?.attributes ?? [],
  }));
}

function compareBigints(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}

function compareTexts(one: FoundTrace, other: FoundTrace): number {
  return one.traceId < other.traceId ? -1 : 1;
}
