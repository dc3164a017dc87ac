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
import { Turns } from "../turns.ts";
import { AttributeTextReader } from "./attribute-text.ts";
import { arrange, type Layout } from "./layout.ts";
import { type AttributeColumn, parseColumnName, quoted, spanFields } from "./schema.ts";
import { readEvents, readLinks, readOverflow } from "./span-text.ts";

/** The cells of one row, by the names of their columns. */
type Row = (name: string) => DuckDBValue;
type Text = string | null;

/** Rows of the shared tables never change, so what was read once is kept, up to so many. */
const kept = 10_000;

/** What answers: its columns, each as long as there are rows. */
export type Ask = (
  sql: string,
  values?: DuckDBValue[],
  signal?: AbortSignal,
) => Promise<DuckDBValue[][]>;

/** Some rows of an answer. */
export interface Rows {
  readonly count: number;
  readonly at: (row: number, column: number) => DuckDBValue;
}

/** What answers with some rows at a time. */
export type AskInParts = (
  sql: string,
  values: DuckDBValue[],
  signal?: AbortSignal,
) => AsyncIterable<Rows>;

/** Spans that are read together hold about so many bytes of text at most, one alone excepted. */
const mostTextBytes = 4 * 1024 * 1024;

/** Reads spans back exactly as they were sent, but for what columnValue made of whole doubles. */
export class SpanRows {
  readonly #ask: Ask;
  readonly #askInParts: AskInParts;
  readonly #names: readonly string[];
  readonly #columnsByName: ReadonlyMap<string, number>;
  /** The columns of an attribute: one for each type that contracts gave it over time. */
  readonly #columnsByKey: ReadonlyMap<string, readonly AttributeColumn[]>;
  readonly #resources = new Map<number, Resource>();
  readonly #scopes = new Map<number, Scope>();
  readonly #layouts = new Map<number, Layout>();

  /** @param askInParts Unless it is given, all rows are read together. */
  constructor(ask: Ask, columnNames: readonly string[], askInParts: AskInParts = inOnePart(ask)) {
    this.#ask = ask;
    this.#askInParts = askInParts;
    const columns = columnNames.flatMap((name) => parseColumnName(name) ?? []);
    this.#names = [...spanFields, ...columns.map((column) => column.name)];
    this.#columnsByName = new Map(this.#names.map((name, column) => [name, column]));
    this.#columnsByKey = Map.groupBy(columns, (column) => column.key);
  }

  /**
   * The spans of a trace (32 hex digits) by their start; those that start together as they came. Up
   * to 2,000 at a time, so that a trace may have any number of them.
   */
  ofTrace(traceId: string, signal?: AbortSignal): AsyncIterable<Span[]> {
    const condition = "trace_id = CAST($1 AS UUID) ORDER BY start_ns, rowid";
    return this.#where(condition, [toUuid(traceId)], signal);
  }

  /** The spans of these rows of the table. */
  async ofRows(rowIds: ReadonlySet<bigint>): Promise<ReadonlyMap<bigint, Span>> {
    const inOrder = [...rowIds].sort((one, other) => Number(one - other));
    const condition = `rowid IN (${inOrder.join(", ")}) ORDER BY rowid`;
    const byRow = new Map<bigint, Span>();
    for await (const spans of this.#where(condition, [])) {
      for (const span of spans) {
        byRow.set(inOrder[byRow.size] as bigint, span);
      }
    }
    return byRow;
  }

  async *#where(
    condition: string,
    values: DuckDBValue[],
    signal?: AbortSignal,
  ): AsyncGenerator<Span[]> {
    const sql = `SELECT ${this.#names.map(quoted).join(", ")} FROM spans WHERE ${condition}`;
    const turns = new Turns();
    for await (const rows of this.#askInParts(sql, values, signal)) {
      const ids = (name: string) => this.#idsIn(rows, name);
      await this.#fetch("resources", this.#resources, ids("resource_id"), toResource);
      await this.#fetch("scopes", this.#scopes, ids("scope_id"), toScope);
      await this.#fetch("layouts", this.#layouts, ids("layout_id"), toLayout);
      let spans: Span[] = [];
      let textBytes = 0;
      for (let index = 0; index < rows.count; index += 1) {
        const row: Row = (name) => rows.at(index, this.#columnsByName.get(name) ?? -1) ?? null;
        const rowBytes = countTextBytes(row);
        if (spans.length > 0 && textBytes + rowBytes > mostTextBytes) {
          yield spans;
          spans = [];
          textBytes = 0;
        }
        spans.push(this.#toSpan(row));
        textBytes += rowBytes;
        if (turns.isOver) {
          await turns.next();
        }
      }
      yield spans;
    }
  }

  #idsIn(rows: Rows, name: string): Set<number> {
    const column = this.#columnsByName.get(name) ?? -1;
    const ids = Array.from({ length: rows.count }, (_, row) => rows.at(row, column));
    return new Set(ids.filter((id) => typeof id === "number"));
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
    const uncommon = readOverflow(row("uncommon") as Text);
    const startNs = row("start_ns") as bigint;
    const endNs = startNs + (row("duration_ns") as bigint);
    const parentId = row("parent_id") as bigint | null;
    return {
      traceId: String(row("trace_id")).replaceAll("-", ""),
      spanId: formatHexId(row("span_id") as bigint),
      parentSpanId: parentId === null ? null : formatHexId(parentId),
      traceState: uncommon.traceState ?? "",
      flags: row("flags") as number,
      name: row("name") as string,
      kind: spanKinds[row("kind") as number] ?? "unspecified",
      startTimeUnixNano: BigInt(uncommon.startTimeUnixNano ?? startNs),
      endTimeUnixNano: BigInt(uncommon.endTimeUnixNano ?? endNs),
      attributes: this.#attributes(row),
      droppedAttributesCount: uncommon.droppedAttributesCount ?? 0,
      events: readEvents(row("events") as Text),
      droppedEventsCount: uncommon.droppedEventsCount ?? 0,
      links: readLinks(row("links") as Text),
      droppedLinksCount: uncommon.droppedLinksCount ?? 0,
      status: {
        code: statusCodes[row("status") as number] ?? "unset",
        message: row("status_message") as string,
      },
      resource: this.#resources.get(row("resource_id") as number) ?? emptyResource,
      scope: this.#scopes.get(row("scope_id") as number) ?? emptyScope,
    };
  }

  #attributes(row: Row): KeyValue[] {
    const fromText = readAttributes(row("attributes") as Text);
    const layoutId = row("layout_id") as number | null;
    const layout = layoutId === null ? [] : (this.#layouts.get(layoutId) ?? []);
    return arrange(layout, (key) => this.#fromColumn(row, key), fromText);
  }

  #fromColumn(row: Row, key: string): KeyValue | undefined {
    for (const column of this.#columnsByKey.get(key) ?? []) {
      const value = row(column.name) ?? null;
      if (value !== null) {
        const type = column.type === "boolean" ? "bool" : column.type;
        return { key, value: { type, value } as Value };
      }
    }
    return undefined;
  }
}

function toResource([_service, attributes = null, uncommon = null]: Text[]): Resource {
  const { droppedAttributesCount = 0, schemaUrl = "" } = readOverflow(uncommon);
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

/** The texts that may be long. */
function countTextBytes(row: Row): number {
  const texts = ["attributes", "events", "links"].map((name) => row(name) as Text);
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

function inOnePart(ask: Ask): AskInParts {
  return async function* (sql, values, signal) {
    const columns = await ask(sql, values, signal);
    yield {
      count: columns[0]?.length ?? 0,
      at: (row, column) => columns[column]?.[row] ?? null,
    };
  };
}

function formatHexId(id: bigint): string {
  return id.toString(16).padStart(16, "0");
}

function toUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
