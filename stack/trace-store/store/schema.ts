import { createHash } from "node:crypto";
import type { AttributeType, Contract } from "#contract";
import type { SqlType } from "./row-buffer.ts";

/**
 * The tables. A span is one row of `spans`: what queries ask for in columns, every attribute of the
 * contract in a typed column of its own, everything else as JSON text. What many spans share is a
 * row of `resources`, `scopes` or `layouts`, by id. There is no index and no key: finding a trace by
 * its id reads one column of 16 bytes a span, and a key would make writing three times slower.
 */
export const schemaVersion = 2;

/**
 * start_ns, duration_ns: nanoseconds; the duration is 0 when the span was sent with an end before
 *   its start. kind, status: OTLP's numbers. service: the resource's `service.name`, once more.
 * layout_id: in which order the attributes were sent, null when all of them are in `attributes`.
 * attributes, events, links: see attribute-text.ts and span-text.ts; null when there are none.
 * uncommon: what few spans have and no query asks for, as JSON.
 */
const spanFieldTypes = {
  trace_id: "UUID",
  span_id: "UBIGINT",
  parent_id: "UBIGINT",
  start_ns: "BIGINT",
  duration_ns: "BIGINT",
  name: "VARCHAR",
  kind: "UTINYINT",
  status: "UTINYINT",
  status_message: "VARCHAR",
  flags: "UINTEGER",
  resource_id: "UINTEGER",
  scope_id: "UINTEGER",
  layout_id: "UINTEGER",
  service: "VARCHAR",
  attributes: "VARCHAR",
  events: "VARCHAR",
  links: "VARCHAR",
  uncommon: "VARCHAR",
} as const satisfies Record<string, SqlType>;

/** A column of `spans` that every span has, whatever the contract. */
export type SpanField = keyof typeof spanFieldTypes;
export type SpanFieldType<Field extends SpanField> = (typeof spanFieldTypes)[Field];
export const spanFields = Object.keys(spanFieldTypes) as SpanField[];

export const tables = {
  spans: Object.entries(spanFieldTypes)
    .map(([name, type]) => `${name} ${type}`)
    .join(", "),
  resources: "id UINTEGER, service VARCHAR, attributes VARCHAR, uncommon VARCHAR",
  scopes: "id UINTEGER, name VARCHAR, version VARCHAR, attributes VARCHAR, uncommon VARCHAR",
  /** sequence: see layout.ts. */
  layouts: "id UINTEGER, sequence VARCHAR",
  /**
   * Which attributes were seen, in which hour of their spans' starts; a row may be there twice.
   * scope: span, resource, instrumentation, event or link. type: as in the contract's `Value`.
   */
  attribute_catalog: "scope VARCHAR, key VARCHAR, type VARCHAR, hour_start_ns BIGINT",
  meta: "schema_version INTEGER, contract_hash VARCHAR",
} as const;

export type TableName = keyof typeof tables;

/** A column as the file has it. */
export interface TableColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** A column of `spans` that holds an attribute: `llm.tokens.out:int`. Others have no colon in them. */
export interface AttributeColumn {
  readonly name: string;
  readonly key: string;
  readonly type: AttributeType;
}

const sqlTypes = {
  int: "BIGINT",
  double: "DOUBLE",
  string: "VARCHAR",
  boolean: "BOOLEAN",
} as const satisfies Record<AttributeType, string>;

/**
 * The columns that contracts want. The type is part of the name, so a contract that changes an
 * attribute's type, or drops it, only ever adds columns; the old ones are written and read as before.
 */
export function listAttributeColumns(contracts: readonly Contract[]): AttributeColumn[] {
  const columns = contracts
    .flatMap(({ attributes }) => Object.values(attributes))
    .flatMap(({ key, type }) =>
      listStoredTypes(type).map((stored) => ({ name: `${key}:${stored}`, key, type: stored })),
    );
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

/** JavaScript's exporter sends a whole double as an integer, so a double needs a place for both. */
function listStoredTypes(type: AttributeType): AttributeType[] {
  return type === "double" ? ["double", "int"] : [type];
}

/** What a column of `spans` stands for, or undefined when it is none for an attribute. */
export function parseColumnName(name: string): AttributeColumn | undefined {
  const colon = name.lastIndexOf(":");
  const type = name.slice(colon + 1);
  return colon > 0 && Object.hasOwn(sqlTypes, type)
    ? { name, key: name.slice(0, colon), type: type as AttributeType }
    : undefined;
}

export function columnSql(column: AttributeColumn): string {
  return `${quoted(column.name)} ${sqlTypes[column.type]}`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Changes when the columns do. */
export function hashContracts(contracts: readonly Contract[]): string {
  const names = listAttributeColumns(contracts).map((column) => column.name);
  return createHash("sha256").update(names.sort().join("\n")).digest("hex");
}
