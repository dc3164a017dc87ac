import { DuckDBUUIDValue, type DuckDBValue } from "@duckdb/node-api";
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
import type { InternedTable } from "./interned-table.ts";
import { LayoutBuilder } from "./layout.ts";
import { type AttributeColumn, type SpanField, spanFields } from "./schema.ts";
import {
  clampToBigint,
  writeEvents,
  writeLinks,
  writeUncommonOf,
  writeUncommonOfSpan,
} from "./span-text.ts";

/** What spans are divided into besides the columns of their own table. */
export interface SharedTables {
  readonly resources: InternedTable;
  readonly scopes: InternedTable;
  readonly layouts: InternedTable;
  readonly catalog: AttributeCatalog;
}

interface Target {
  readonly columns: readonly { readonly type: AttributeType; readonly values: DuckDBValue[] }[];
  /** The row for which the attribute was seen last, with a fitting value or not. */
  lastRow: number;
}

/** Divides spans into the columns of their table. */
export class SpanColumns {
  readonly #shared: SharedTables;
  readonly #serviceKey: string;
  readonly #columns: readonly DuckDBValue[][];
  readonly #fields: Readonly<Record<SpanField, DuckDBValue[]>>;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #layout = new LayoutBuilder();
  /** Most spans of an export share these objects, so they are looked up once. */
  readonly #resourceIds = new Map<Resource, { id: number; service: string | null }>();
  readonly #scopeIds = new Map<Scope, number>();

  /**
   * @param options.columnNames The columns of the table, in its order.
   * @param options.attributeColumns Those that are written. Others are of former contracts.
   */
  constructor(options: {
    shared: SharedTables;
    serviceKey: string;
    columnNames: readonly string[];
    attributeColumns: readonly AttributeColumn[];
  }) {
    this.#shared = options.shared;
    this.#serviceKey = options.serviceKey;
    const byName = new Map<string, DuckDBValue[]>(options.columnNames.map((name) => [name, []]));
    this.#columns = [...byName.values()];
    this.#fields = Object.fromEntries(
      spanFields.map((field) => [field, byName.get(field)]),
    ) as Record<SpanField, DuckDBValue[]>;
    this.#targets = new Map(
      [...Map.groupBy(options.attributeColumns, ({ key }) => key)].map(([key, columns]) => [
        key,
        {
          columns: columns.map(({ name, type }) => ({
            type,
            values: byName.get(name) as DuckDBValue[],
          })),
          lastRow: -1,
        },
      ]),
    );
  }

  /** The values of each column for these spans. They hold until the next call. */
  fill(spans: readonly Span[]): readonly (readonly DuckDBValue[])[] {
    this.#resourceIds.clear();
    this.#scopeIds.clear();
    for (const values of this.#columns) {
      values.length = spans.length;
      values.fill(null);
    }
    for (const target of this.#targets.values()) {
      target.lastRow = -1;
    }
    spans.forEach((span, row) => {
      this.#fillRow(span, row);
    });
    return this.#columns;
  }

  #fillRow(span: Span, row: number): void {
    const fields = this.#fields;
    const { resources, scopes, layouts, catalog } = this.#shared;
    const startNs = clampToBigint(span.startTimeUnixNano);
    const durationNs = clampToBigint(span.endTimeUnixNano - span.startTimeUnixNano);
    const resource = this.#resource(span.resource, resources, startNs);
    fields.trace_id[row] = DuckDBUUIDValue.fromUint128(BigInt(`0x${span.traceId}`));
    fields.span_id[row] = BigInt(`0x${span.spanId}`);
    fields.parent_id[row] = span.parentSpanId === null ? null : BigInt(`0x${span.parentSpanId}`);
    fields.start_ns[row] = startNs;
    fields.duration_ns[row] = durationNs;
    fields.name[row] = span.name;
    fields.kind[row] = spanKinds.indexOf(span.kind);
    fields.status[row] = statusCodes.indexOf(span.status.code);
    fields.status_message[row] = span.status.message;
    fields.flags[row] = span.flags;
    fields.resource_id[row] = resource.id;
    fields.service[row] = resource.service;
    fields.scope_id[row] = this.#scope(span.scope, scopes, startNs);
    fields.attributes[row] = this.#divideAttributes(span.attributes, row);
    const layout = this.#layout.take();
    fields.layout_id[row] = layout === null ? null : layouts.idOf([layout]);
    fields.events[row] = writeEvents(span.events);
    fields.links[row] = writeLinks(span.links);
    fields.uncommon[row] = writeUncommonOfSpan(span, startNs, durationNs);
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
    const others: KeyValue[] = [];
    for (const attribute of attributes) {
      const target = this.#targets.get(attribute.key);
      // Of a key that stands twice the first counts, so the second is never in the column.
      const isFirst = target !== undefined && target.lastRow !== row;
      const column = isFirst ? fittingColumn(target, attribute.value) : undefined;
      if (target !== undefined) {
        target.lastRow = row;
      }
      if (column === undefined) {
        others.push(attribute);
        this.#layout.text();
      } else {
        column.values[row] = cellOf(attribute.value);
        this.#layout.column(attribute.key);
      }
    }
    return others.length === 0 ? null : writeAttributes(others);
  }

  #resource(resource: Resource, table: InternedTable, startNs: bigint) {
    this.#shared.catalog.note("resource", resource.attributes, startNs);
    const known = this.#resourceIds.get(resource);
    if (known !== undefined) {
      return known;
    }
    const service = findString(resource.attributes, this.#serviceKey) ?? null;
    const cells = [service, writeAttributes(resource.attributes), writeUncommonOf(resource)];
    const found = { id: table.idOf(cells), service };
    this.#resourceIds.set(resource, found);
    return found;
  }

  #scope(scope: Scope, table: InternedTable, startNs: bigint): number {
    this.#shared.catalog.note("instrumentation", scope.attributes, startNs);
    const known = this.#scopeIds.get(scope);
    if (known !== undefined) {
      return known;
    }
    const { name, version, attributes } = scope;
    const id = table.idOf([name, version, writeAttributes(attributes), writeUncommonOf(scope)]);
    this.#scopeIds.set(scope, id);
    return id;
  }
}

/** The column that holds a value as it is, or undefined when it must stay in the text. */
function fittingColumn(target: Target, sent: Value): Target["columns"][number] | undefined {
  const type = sent.type === "bool" ? "boolean" : sent.type;
  // No sender's integer has more than 64 bits, but a JSON body can.
  const fits = sent.type !== "int" || BigInt.asIntN(64, sent.value) === sent.value;
  return fits ? target.columns.find((column) => column.type === type) : undefined;
}

/** Of a value that fits a column, so that it is one of DuckDB's too. */
function cellOf(sent: Value): DuckDBValue {
  return sent.type === "empty" ? null : (sent.value as DuckDBValue);
}
