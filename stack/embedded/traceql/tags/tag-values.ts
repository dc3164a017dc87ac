import type { DuckDBValue } from "@duckdb/node-api";
import { spanKinds, statusCodes, type Value } from "#contract";
import { Cursor } from "../cursor.ts";
import { parseField } from "../expression-parser.ts";
import { parseQuery } from "../parser.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { tagged } from "../plan/pipeline.ts";
import { Statement } from "../plan/statement.ts";
import { readTagged } from "../plan/tagged-value.ts";
import { wholeOf } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { QueryError } from "../query-error.ts";
import type { Field } from "../syntax.ts";

export interface TagValue {
  readonly type: "string" | "int" | "float" | "bool" | "keyword" | "duration";
  readonly value: string;
}

export interface TagValuesOptions {
  /** A field as a query writes it: `span.llm.model`, `.llm.model`, `name`. */
  readonly tag: string;
  /** Only values of spans that this query keeps; null: of all. */
  readonly query: string | null;
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  readonly limit: number;
}

const keywords: Partial<Record<string, readonly string[]>> = {
  "span:status": statusCodes,
  "span:kind": spanKinds,
};

/** The values that a field has, sorted. @throws QueryError for a tag that is no field, and for the query's faults. */
export async function tagValues(
  options: TagValuesOptions,
  vocabulary: Vocabulary,
  run: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<TagValue[]> {
  const field = readField(options.tag);
  const words = field.type === "intrinsic" ? keywords[field.name] : undefined;
  if (words !== undefined) {
    return words.map((value) => ({ type: "keyword", value }));
  }
  const statement = new Statement();
  const { stages } = parseQuery(options.query ?? "{ }");
  const { rows, where } = keptRows(stages, { statement, vocabulary });
  const value = tagged(wholeOf(rows.valueOf(field, start)));
  const { startNs, endNs, limit } = options;
  const bounds = [
    ...(startNs === null ? [] : [`s.start_ns >= ${startNs}`]),
    ...(endNs === null ? [] : [`s.start_ns <= ${endNs}`]),
  ].map((bound) => ` AND ${bound}`);
  const [texts = []] = await run(
    statement.select(
      `SELECT DISTINCT ${value} AS tag_value FROM ${rows.from} WHERE ${where} AND (${value}) IS NOT NULL${bounds.join("")} ORDER BY 1${limit > 0 ? ` LIMIT ${limit}` : ""}`,
    ),
  );
  const values = texts.flatMap((text) => toTagValues(String(text)));
  return [...new Map(values.map((value) => [`${value.type} ${value.value}`, value])).values()];
}

const start = { offset: 0, line: 1, column: 1 };

function readField(tag: string): Field {
  const cursor = new Cursor(tag);
  const field = parseField(cursor);
  if (field === undefined || cursor.token.type !== "end") {
    throw new QueryError(
      "syntax",
      start,
      `"${tag}" is no tag: write it with its scope, as span.${tag}`,
    );
  }
  return field;
}

/** Of an array each element. */
function toTagValues(text: string): TagValue[] {
  const { type, value } = readTagged(text);
  if (value.type === "array") {
    return value.value.flatMap((element) => toPlainTagValue(element));
  }
  return type === "status" || type === "kind"
    ? [{ type: "keyword", value: "value" in value ? String(value.value) : "" }]
    : toPlainTagValue(value, type === "duration" ? "duration" : undefined);
}

const typesOfValues: Partial<Record<Value["type"], TagValue["type"]>> = {
  string: "string",
  int: "int",
  double: "float",
  bool: "bool",
};

function toPlainTagValue(value: Value, shownType = typesOfValues[value.type]): TagValue[] {
  return shownType === undefined || value.type === "empty"
    ? []
    : [{ type: shownType, value: String(value.value) }];
}
