import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import {
  type AttributeType,
  findString,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  spanKinds,
  statusCodes,
  type Value,
} from "#contract";
import type { AttributeCatalog } from "./attribute-catalog.ts";
import { writeAttributes } from "./attribute-text.ts";
import { LayoutEncoder } from "./layout.ts";
import { type ColumnOf, createColumn, RowBuffer, rowsPerBuffer } from "./row-buffer.ts";
import {
  type AttributeColumn,
  type SpanField,
  type SpanFieldType,
  spanFields,
  type TableColumn,
  type TableName,
} from "./schema.ts";
import type { SpanTimeBounds } from "./span-bounds.ts";
import {
  clampToBigint,
  writeEvents,
  writeLinks,
  writeSharedOverflow,
  writeSpanOverflow,
} from "./span-text.ts";

/** What spans are divided into besides the columns of their own table. */
export interface SharedTables {
  readonly resources: InternedTable;
  readonly scopes: InternedTable;
  readonly layouts: InternedTable;
  readonly catalog: AttributeCatalog;
}

/** A cell of a column for an attribute. The value fits the column. */
type SetCell = (row: number, value: unknown) => void;

interface Target {
  readonly columns: readonly { readonly type: Value["type"]; readonly set: SetCell }[];
  /** The row for which the attribute was seen last, with a fitting value or not. */
  lastRow: number;
}

type FieldColumns = { readonly [Field in SpanField]: ColumnOf<SpanFieldType<Field>> };

/** These take some 5 ms, in which this process does nothing else. */
const rowsAtOnce = rowsPerBuffer / 2;
/** What is handed over goes to the table in 3 ms and a little more a row: so rarely, but not all in one. */
const rowsPerFlush = 2 * rowsPerBuffer;

const kindNumbers = createWordNumbers(spanKinds);
const statusNumbers = createWordNumbers(statusCodes);

/** Divides spans into the columns of their table. */
export class SpanColumns {
  readonly #shared: SharedTables;
  readonly #bounds: SpanTimeBounds;
  readonly #pause: () => Promise<void>;
  readonly #serviceKey: string;
  readonly #buffer: RowBuffer;
  readonly #fields: FieldColumns;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #layout: LayoutEncoder;
  /** Most spans of an export share these objects, so they are looked up once. */
  readonly #resources = new Map<Resource, { id: number; service: string | null }>();
  readonly #scopeIds = new Map<Scope, number>();

  /**
   * @param options.columns The columns of the table, in its order.
   * @param options.attributeColumns Those of them that are for attributes.
   */
  constructor(options: {
    shared: SharedTables;
    bounds: SpanTimeBounds;
    /** Awaited before each part of what is appended. */
    pause: () => Promise<void>;
    serviceKey: string;
    columns: readonly TableColumn[];
    attributeColumns: readonly AttributeColumn[];
  }) {
    const { shared } = options;
    this.#shared = shared;
    this.#bounds = options.bounds;
    this.#pause = options.pause;
    this.#serviceKey = options.serviceKey;
    this.#layout = new LayoutEncoder((layout) => shared.layouts.getOrCreateId([layout]));
    const byName = new Map(options.columns.map(({ name, type }) => [name, createColumn(type)]));
    this.#buffer = new RowBuffer([...byName.values()]);
    this.#fields = Object.fromEntries(
      spanFields.map((field) => [field, byName.get(field)]),
    ) as unknown as FieldColumns;
    this.#targets = new Map(
      [...Map.groupBy(options.attributeColumns, ({ key }) => key)].map(([key, columns]) => [
        key,
        {
          columns: columns.map(({ name, type }) => {
            const column = byName.get(name) as { set: SetCell };
            return { type: toValueType(type), set: column.set.bind(column) };
          }),
          lastRow: -1,
        },
      ]),
    );
  }

  /** A part at a time, so that reads are answered in between. */
  async append(appender: DuckDBAppender, spans: readonly Span[]): Promise<void> {
    for (let first = 0; first < spans.length; first += rowsAtOnce) {
      await this.#pause();
      const some = spans.slice(first, first + rowsAtOnce);
      this.#fill(some);
      this.#buffer.appendTo(appender, some.length);
      if ((first + rowsAtOnce) % rowsPerFlush === 0) {
        await this.#pause();
        appender.flushSync();
      }
    }
  }

  /** Must be called when the transaction of an `append` was not committed, or the append threw. */
  forget(): void {
    this.#buffer.clear();
    this.#layout.forget();
  }

  #fill(spans: readonly Span[]): void {
    this.#resources.clear();
    this.#scopeIds.clear();
    for (const target of this.#targets.values()) {
      target.lastRow = -1;
    }
    for (let row = 0; row < spans.length; row += 1) {
      this.#fillRow(spans[row] as Span, row);
    }
  }

  #fillRow(span: Span, row: number): void {
    const fields = this.#fields;
    const startNs = clampToBigint(span.startTimeUnixNano);
    const durationNs = clampToBigint(span.endTimeUnixNano - span.startTimeUnixNano);
    this.#bounds.note(startNs, durationNs);
    this.#fillShared(span, row, startNs);
    fields.trace_id.set(row, span.traceId);
    fields.span_id.set(row, span.spanId);
    setText(fields.parent_id, row, span.parentSpanId);
    fields.start_ns.set(row, startNs);
    fields.duration_ns.set(row, durationNs);
    fields.name.set(row, span.name);
    fields.kind.set(row, kindNumbers[span.kind]);
    fields.status.set(row, statusNumbers[span.status.code]);
    fields.status_message.set(row, span.status.message);
    fields.flags.set(row, span.flags);
    setText(fields.attributes, row, this.#divideAttributes(span.attributes, row));
    const layoutId = this.#layout.finish();
    if (layoutId !== null) {
      fields.layout_id.set(row, layoutId);
    }
    setText(fields.events, row, writeEvents(span.events));
    setText(fields.links, row, writeLinks(span.links));
    setText(fields.uncommon, row, writeSpanOverflow(span, startNs, durationNs));
  }

  #fillShared(span: Span, row: number, startNs: bigint): void {
    const { catalog } = this.#shared;
    const resource = this.#resource(span.resource);
    this.#fields.resource_id.set(row, resource.id);
    setText(this.#fields.service, row, resource.service);
    this.#fields.scope_id.set(row, this.#scope(span.scope));
    catalog.note("resource", span.resource.attributes, startNs);
    catalog.note("instrumentation", span.scope.attributes, startNs);
    catalog.note("span", span.attributes, startNs);
    for (const event of span.events) {
      catalog.note("event", event.attributes, startNs);
    }
    for (const link of span.links) {
      catalog.note("link", link.attributes, startNs);
    }
  }

  /** Puts what fits into the columns and returns the text of the others, or null. */
  #divideAttributes(attributes: readonly KeyValue[], row: number): string | null {
    let others: KeyValue[] | undefined;
    for (const attribute of attributes) {
      const { key, value } = attribute;
      const target = this.#targets.get(key);
      // Of a key that stands twice the first counts, so the second is never in the column.
      const isFirst = target !== undefined && target.lastRow !== row;
      const column = isFirst ? fittingColumn(target, value) : undefined;
      if (target !== undefined) {
        target.lastRow = row;
      }
      if (column === undefined) {
        others ??= [];
        others.push(attribute);
        this.#layout.text();
      } else {
        column.set(row, (value as { value: unknown }).value);
        this.#layout.column(key);
      }
    }
    return others === undefined ? null : writeAttributes(others);
  }

  #resource(resource: Resource): { id: number; service: string | null } {
    const known = this.#resources.get(resource);
    if (known !== undefined) {
      return known;
    }
    const service = findString(resource.attributes, this.#serviceKey) ?? null;
    const cells = [service, writeAttributes(resource.attributes), writeSharedOverflow(resource)];
    const found = { id: this.#shared.resources.getOrCreateId(cells), service };
    this.#resources.set(resource, found);
    return found;
  }

  #scope(scope: Scope): number {
    const known = this.#scopeIds.get(scope);
    if (known !== undefined) {
      return known;
    }
    const { name, version, attributes } = scope;
    const cells = [name, version, writeAttributes(attributes), writeSharedOverflow(scope)];
    const id = this.#shared.scopes.getOrCreateId(cells);
    this.#scopeIds.set(scope, id);
    return id;
  }
}

function createWordNumbers<Word extends string>(words: readonly Word[]): Record<Word, number> {
  return Object.fromEntries(words.map((word, number) => [word, number])) as Record<Word, number>;
}

function setText(
  column: { set: (row: number, text: string) => void },
  row: number,
  text: string | null,
): void {
  if (text !== null) {
    column.set(row, text);
  }
}

/** The column that holds a value as it is, or undefined when it must stay in the text. */
function fittingColumn(target: Target, sent: Value): Target["columns"][number] | undefined {
  // No sender's integer has more than 64 bits, but a JSON body can.
  const fits = sent.type !== "int" || BigInt.asIntN(64, sent.value) === sent.value;
  return fits ? target.columns.find((column) => column.type === sent.type) : undefined;
}

function toValueType(type: AttributeType): Value["type"] {
  return type === "boolean" ? "bool" : type;
}

type Cell = string | null;

/** How many rows are remembered. One that was forgotten is written again under another id. */
const remembered = 10_000;

/**
 * A table whose rows many spans share. Gives each row an id, and writes those it has not written.
 * Its first column is the id, all others are text.
 */
export class InternedTable {
  readonly table: TableName;
  readonly #ids: Map<string, number>;
  #nextId: number;
  #unwritten: { key: string; id: number; cells: readonly Cell[] }[] = [];

  private constructor(table: TableName, ids: Map<string, number>, nextId: number) {
    this.table = table;
    this.#ids = ids;
    this.#nextId = nextId;
  }

  static async load(connection: DuckDBConnection, table: TableName): Promise<InternedTable> {
    const result = await connection.runAndReadAll(
      `SELECT * FROM ${table} ORDER BY id DESC LIMIT ${remembered}`,
    );
    const rows = result.getRows().reverse() as [number, ...Cell[]][];
    const ids = new Map(rows.map(([id, ...cells]) => [JSON.stringify(cells), id]));
    return new InternedTable(table, ids, (rows.at(-1)?.[0] ?? 0) + 1);
  }

  getOrCreateId(cells: readonly Cell[]): number {
    const key = JSON.stringify(cells);
    const known = this.#ids.get(key);
    if (known !== undefined) {
      return known;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#ids.set(key, id);
    this.#unwritten.push({ key, id, cells });
    return id;
  }

  /** Gives these ids to no span any more; their rows would be written again under others. */
  retire(ids: ReadonlySet<number>): void {
    for (const [key, id] of this.#ids) {
      if (ids.has(id)) {
        this.#ids.delete(key);
      }
    }
  }

  /** Whether there is anything that is not written yet. */
  get isNew(): boolean {
    return this.#unwritten.length > 0;
  }

  /** Writes the new rows; they must then be kept or forgotten. */
  append(appender: DuckDBAppender): void {
    for (const { id, cells } of this.#unwritten) {
      appender.appendUInteger(id);
      for (const cell of cells) {
        if (cell === null) {
          appender.appendNull();
        } else {
          appender.appendVarchar(cell);
        }
      }
      appender.endRow();
    }
  }

  /** The transaction with the new rows was committed. */
  keep(): void {
    this.#unwritten = [];
    for (const key of this.#ids.keys()) {
      if (this.#ids.size <= remembered) {
        break;
      }
      this.#ids.delete(key);
    }
  }

  /** It was not. */
  forget(): void {
    for (const { key } of this.#unwritten) {
      this.#ids.delete(key);
    }
    this.#unwritten = [];
  }
}
