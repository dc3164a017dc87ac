import { isDeepStrictEqual } from "node:util";
import type { DuckDBValue } from "@duckdb/node-api";
import type { KeyValue } from "#contract";
import type { FoundSpan, FoundSpanset } from "../answer.ts";
import type { PlannedPipeline } from "../plan/pipeline.ts";
import { readTagged } from "../plan/typed-sql.ts";
import { printField } from "../print-expression.ts";
import { firstSpans, readKeys, type SpansetLimits } from "./first-spans.ts";
import type { Mention } from "./mentioned-fields.ts";
import { fixedColumns } from "./search-sql.ts";

/** A span of an answer with what it says of its trace and its spanset. */
export interface FoundRow {
  readonly traceId: string;
  /** The start of the newest span that the trace has in the answer. */
  readonly newestNs: bigint;
  /** The values of `by`, as JSON. */
  readonly group: string;
  readonly matched: number;
  readonly span: FoundSpan;
  readonly attributes: readonly KeyValue[];
}

/** @param columns The answer of search-sql.ts. */
export function readRows(
  columns: readonly DuckDBValue[][],
  mentions: readonly Mention[],
  { aggregates, groupedBy }: Pick<PlannedPipeline, "aggregates" | "groupedBy">,
  limits: SpansetLimits,
): FoundRow[] {
  const keys = readKeys(columns);
  const numbers = columns[2] ?? [];
  const durations = columns[8] ?? [];
  const mentioned = columns.slice(fixedColumns);
  return firstSpans(keys, limits).map(({ row, newestNs, matched }) => {
    const texts = mentioned.map((column) => column[row] as string | null);
    const group = String(keys.groups[row]);
    return {
      traceId: String(keys.traceIds[row]),
      newestNs,
      group,
      matched,
      span: {
        spanId: (keys.spanIds[row] as bigint).toString(16).padStart(16, "0"),
        startNs: keys.starts[row] as bigint,
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
      attributes.push(...toAttribute(createFieldKey(field), text));
    }
  }
  return { name, attributes: distinct(attributes) };
}

/** With and without a scope it is the same attribute; that of the resource may have another value. */
function distinct(attributes: readonly KeyValue[]): KeyValue[] {
  return attributes.filter((one, index) => {
    const first = attributes.findIndex((other) => isDeepStrictEqual(one, other));
    return first === index;
  });
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

function createFieldKey(field: Mention["field"]): string {
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

/** @param rows Of one trace. */
export function toSpansets(rows: readonly FoundRow[]): FoundSpanset[] {
  return [...Map.groupBy(rows, ({ group }) => group).values()].map((ofGroup) => ({
    spans: ofGroup.map(({ span }) => span),
    matched: ofGroup[0]?.matched ?? 0,
    attributes: ofGroup[0]?.attributes ?? [],
  }));
}
