import type { DuckDBValue } from "@duckdb/node-api";
import { spanKinds, statusCodes } from "#contract";
import { type Field, parseField, QueryError, type Stage, startPosition } from "#traceql";
import type { SpanBounds } from "../../store/index.ts";
import { plainText } from "../plain-text.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { tagged } from "../plan/pipeline.ts";
import { Statement } from "../plan/statement.ts";
import { readTagged, single, type ValueSql } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { computeStoredRange, type TimeRange } from "../search/time-range.ts";
import { everySpan } from "./complete-matchers.ts";

export interface TagValue {
  readonly type: "string" | "int" | "float" | "bool" | "keyword" | "duration";
  readonly value: string;
}

/** Only values of spans that overlap the range. */
export interface TagValuesOptions extends TimeRange {
  /** A field as a query writes it: `span.llm.model`, `.llm.model`, `name`. */
  readonly tag: string;
  /** Only values of spans that the query keeps, as far as it is complete; null: of all. */
  readonly query: string | null;
  readonly limit: number;
}

/** What names and values are read with. */
export interface TagsInput {
  readonly vocabulary: Vocabulary;
  /** Of all spans that are stored; null: there are none. */
  readonly bounds: SpanBounds | null;
  readonly run: (sql: string) => Promise<DuckDBValue[][]>;
  /** What is complete of a query that is being typed; null: nothing. */
  readonly parseMatchers: (text: string) => Promise<readonly Stage[] | null>;
}

const keywords: Partial<Record<string, readonly string[]>> = {
  "span:status": statusCodes,
  "span:kind": spanKinds,
};

/**
 * The values that a field has, sorted.
 * @throws QueryError for a tag that is no field, and for what is complete of the query and cannot be planned.
 */
export async function tagValues(
  options: TagValuesOptions,
  { vocabulary, bounds, run, parseMatchers }: TagsInput,
): Promise<TagValue[]> {
  const field = readField(options.tag);
  const words = field.type === "intrinsic" ? keywords[field.name] : undefined;
  if (words !== undefined) {
    return words.map((value) => ({ type: "keyword", value }));
  }
  const { query, limit } = options;
  const inside = computeStoredRange(options, bounds).overlap?.inside ?? "true";
  const statement = new Statement();
  const stages = (await parseMatchers(query ?? "")) ?? everySpan;
  const { rows, where } = keptRows(stages, { statement, vocabulary });
  // An array is its elements, which are beside it.
  const values = rows.valueOf(field, startPosition).filter(({ type }) => type !== "array");
  const found = statement.add(
    rows.select(`DISTINCT ${everyValueSql(values)} AS tag_value`, `WHERE ${where} AND ${inside}`),
  );
  const [texts = []] = await run(
    statement.select(
      `SELECT tag_value FROM ${found} WHERE tag_value IS NOT NULL ORDER BY ${orderSql}${limit > 0 ? ` LIMIT ${limit}` : ""}`,
    ),
  );
  return texts.map((text) => toTagValue(String(text)));
}

/** By type, numbers by size. */
const orderSql =
  "split_part(tag_value, ':', 1), TRY_CAST(substr(tag_value, instr(tag_value, ':') + 1) AS DOUBLE), tag_value";

/** Of an array, and of what a span has several of, each element is a value. */
function everyValueSql(values: ValueSql): string {
  if (!values.some(({ isList }) => isList)) {
    return tagged(values);
  }
  const lists = values.map((value) =>
    value.isList
      ? `list_transform(${value.sql}, one -> ${tagged([single(value.type, "one")])})`
      : `[${tagged([value])}]`,
  );
  return `unnest(flatten([${lists.join(", ")}]))`;
}

function readField(tag: string): Field {
  const field = parseField(tag);
  if (field === undefined) {
    throw new QueryError(
      "syntax",
      startPosition,
      `"${tag}" is no tag: write it with its scope, as span.${tag}`,
    );
  }
  return field;
}

function toTagValue(text: string): TagValue {
  const { type, value } = readTagged(text);
  const shown = plainText(value);
  switch (type) {
    case "status":
    case "kind":
      return { type: "keyword", value: shown };
    case "double":
      return { type: "float", value: shown };
    case "array":
      return { type: "string", value: shown };
    default:
      return { type, value: shown };
  }
}
