import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { TableName } from "./schema.ts";

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

  idOf(cells: readonly Cell[]): number {
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
