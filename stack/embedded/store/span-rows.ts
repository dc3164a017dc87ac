import type { DuckDBValue } from "@duckdb/node-api";
import {
  emptyResource,
  emptyScope,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "#contract";
import { AttributeTextReader } from "./attribute-text.ts";
import { arrange, type Layout } from "./layout.ts";
import { type AttributeColumn, parseColumnName, quoted, spanFields } from "./schema.ts";
import { readEvents, readLinks, readUncommon } from "./span-text.ts";

type Row = ReadonlyMap<string, DuckDBValue>;
type Text = string | null;

/** Rows of the shared tables never change, so what was read once is kept, up to so many. */
const kept = 10_000;

/** What answers: its columns, each as long as there are rows. */
export type Ask = (
  sql: string,
  values?: DuckDBValue[],
  signal?: AbortSignal,
) => Promise<DuckDBValue[][]>;

/** Reads spans back exactly as they were sent, but for what columnValue made of whole doubles. */
export class SpanRows {
  readonly #ask: Ask;
  readonly #names: readonly string[];
  /** The columns of an attribute: one for each type that contracts gave it over time. */
  readonly #columnsByKey: ReadonlyMap<string, readonly AttributeColumn[]>;
  readonly #resources = new Map<number, Resource>();
  readonly #scopes = new Map<number, Scope>();
  readonly #layouts = new Map<number, Layout>();

  constructor(ask: Ask, columnNames: readonly string[]) {
    this.#ask = ask;
    const columns = columnNames.flatMap((name) => parseColumnName(name) ?? []);
    this.#names = [...spanFields, ...columns.map((column) => column.name)];
    this.#columnsByKey = Map.groupBy(columns, (column) => column.key);
  }

  /** The spans of a trace (32 hex digits) by their start; those that start together as they came. */
  ofTrace(traceId: string): Promise<Span[]> {
    return this.#where("trace_id = CAST($1 AS UUID) ORDER BY start_ns, rowid", [toUuid(traceId)]);
  }

  /** The spans of these rows of the table. */
  async ofRows(rowIds: ReadonlySet<bigint>): Promise<ReadonlyMap<bigint, Span>> {
    const inOrder = [...rowIds].sort((one, other) => Number(one - other));
    const spans = await this.#where(`rowid IN (${inOrder.join(", ")}) ORDER BY rowid`, []);
    return new Map(spans.map((span, index) => [inOrder[index] as bigint, span]));
  }

  async #where(condition: string, values: DuckDBValue[]): Promise<Span[]> {
    const columns = await this.#ask(
      `SELECT ${this.#names.map(quoted).join(", ")} FROM spans WHERE ${condition}`,
      values,
    );
    const rows: Row[] = (columns[0] ?? []).map(
      (_value, row) =>
        new Map(this.#names.map((name, column) => [name, columns[column]?.[row] ?? null])),
    );
    await this.#fetch("resources", this.#resources, ids(rows, "resource_id"), toResource);
    await this.#fetch("scopes", this.#scopes, ids(rows, "scope_id"), toScope);
    await this.#fetch("layouts", this.#layouts, ids(rows, "layout_id"), toLayout);
    return rows.map((row) => this.#toSpan(row));
  }

  async #fetch<Shared>(
    table: string,
    known: Map<number, Shared>,
    wanted: ReadonlySet<number>,
    read: (cells: Text[]) => Shared,
  ): Promise<void> {
    if (known.size > kept) {
      known.clear();
    }
    const missing = [...wanted].filter((id) => !known.has(id));
    if (missing.length === 0) {
      return;
    }
    const [idColumn = [], ...cellColumns] = await this.#ask(
      `SELECT * FROM ${table} WHERE id IN (${missing.join(", ")})`,
    );
    idColumn.forEach((id, row) => {
      known.set(id as number, read(cellColumns.map((column) => column[row] as Text)));
    });
  }

  #toSpan(row: Row): Span {
    const uncommon = readUncommon(row.get("uncommon") as Text);
    const startNs = row.get("start_ns") as bigint;
    const endNs = startNs + (row.get("duration_ns") as bigint);
    const parentId = row.get("parent_id") as bigint | null;
    return {
      traceId: String(row.get("trace_id")).replaceAll("-", ""),
      spanId: hexOfId(row.get("span_id") as bigint),
      parentSpanId: parentId === null ? null : hexOfId(parentId),
      traceState: uncommon.traceState ?? "",
      flags: row.get("flags") as number,
      name: row.get("name") as string,
      kind: spanKinds[row.get("kind") as number] ?? "unspecified",
      startTimeUnixNano: BigInt(uncommon.startTimeUnixNano ?? startNs),
      endTimeUnixNano: BigInt(uncommon.endTimeUnixNano ?? endNs),
      attributes: this.#attributes(row),
      droppedAttributesCount: uncommon.droppedAttributesCount ?? 0,
      events: readEvents(row.get("events") as Text),
      droppedEventsCount: uncommon.droppedEventsCount ?? 0,
      links: readLinks(row.get("links") as Text),
      droppedLinksCount: uncommon.droppedLinksCount ?? 0,
      status: {
        code: statusCodes[row.get("status") as number] ?? "unset",
        message: row.get("status_message") as string,
      },
      resource: this.#resources.get(row.get("resource_id") as number) ?? emptyResource,
      scope: this.#scopes.get(row.get("scope_id") as number) ?? emptyScope,
    };
  }

  #attributes(row: Row): KeyValue[] {
    const fromText = readAttributes(row.get("attributes") as Text);
    const layoutId = row.get("layout_id") as number | null;
    const layout = layoutId === null ? [] : (this.#layouts.get(layoutId) ?? []);
    return arrange(layout, (key) => this.#fromColumn(row, key), fromText);
  }

  #fromColumn(row: Row, key: string): KeyValue | undefined {
    for (const column of this.#columnsByKey.get(key) ?? []) {
      const value = row.get(column.name) ?? null;
      if (value !== null) {
        const type = column.type === "boolean" ? "bool" : column.type;
        return { key, value: { type, value } as Value };
      }
    }
    return undefined;
  }
}

function toResource([_service, attributes = null, uncommon = null]: Text[]): Resource {
  const { droppedAttributesCount = 0, schemaUrl = "" } = readUncommon(uncommon);
  return { attributes: readAttributes(attributes), droppedAttributesCount, schemaUrl };
}

function toScope([name, version, attributes = null, uncommon = null]: Text[]): Scope {
  return { name: name ?? "", version: version ?? "", ...toResource([null, attributes, uncommon]) };
}

function toLayout([sequence]: Text[]): Layout {
  return JSON.parse(sequence ?? "[]") as Layout;
}

function readAttributes(text: Text): KeyValue[] {
  return text === null ? [] : new AttributeTextReader(text).attributes();
}

function ids(rows: readonly Row[], name: string): Set<number> {
  return new Set(rows.flatMap((row) => (row.get(name) as number | null) ?? []));
}

function hexOfId(id: bigint): string {
  return id.toString(16).padStart(16, "0");
}

function toUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
