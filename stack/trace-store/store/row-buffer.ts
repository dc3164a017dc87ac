import * as api from "@duckdb/node-api";
import { type DuckDBAppender, DuckDBDataChunk, type DuckDBType } from "@duckdb/node-api";
import duckdb, { type Vector } from "@duckdb/node-bindings";

/** The rows of one of DuckDB's vectors: a chunk cannot hold more. */
export const rowsPerBuffer = 2048;

/**
 * Rows of one table, column by column, in the form that DuckDB has in memory. Filling arrays and
 * copying each at once is several times faster than to hand over values one by one.
 *
 * DuckDB checks nothing of what is copied here: a wrong length or type would overwrite its memory.
 * So all of that is in this file, the lengths come from the arrays, and the types from the table.
 */
export class RowBuffer {
  readonly #columns: readonly ColumnBuffer[];
  readonly #chunk: DuckDBDataChunk;
  readonly #vectors: readonly Vector[];

  /** @param columns Of the whole table, in its order. */
  constructor(columns: readonly ColumnBuffer[]) {
    this.#columns = columns;
    this.#chunk = DuckDBDataChunk.create(columns.map((column) => column.type));
    this.#vectors = columns.map((_column, index) =>
      duckdb.data_chunk_get_vector(this.#chunk.chunk, index),
    );
  }

  /** Hands the first rows over, as many as given, and begins anew with nothing but NULL. */
  appendTo(appender: DuckDBAppender, rows: number): void {
    this.#chunk.reset();
    this.#chunk.rowCount = rows;
    this.#columns.forEach((column, index) => {
      column.copyTo(this.#vectors[index] as Vector, rows);
    });
    appender.appendDataChunk(this.#chunk);
    this.clear();
  }

  clear(): void {
    for (const column of this.#columns) {
      column.clear();
    }
  }
}

/** A column's cells, NULL where none was set. */
abstract class ColumnBuffer {
  readonly type: DuckDBType;
  /** A bit a row, set where there is a value: the first row is the lowest bit of the first byte. */
  readonly #validity = new Uint8Array(rowsPerBuffer / 8);
  #values = 0;

  constructor(type: DuckDBType) {
    this.type = type;
  }

  protected mark(row: number): void {
    if (row >= rowsPerBuffer) {
      throw new RangeError(`row ${row} of a buffer of ${rowsPerBuffer}`);
    }
    this.#validity[row >> 3] = (this.#validity[row >> 3] as number) | (1 << (row & 7));
    this.#values += 1;
  }

  protected abstract copyValuesTo(vector: Vector, rows: number): void;

  copyTo(vector: Vector, rows: number): void {
    if (this.#values > 0) {
      this.copyValuesTo(vector, rows);
    }
    duckdb.vector_ensure_validity_writable(vector);
    copyWords(
      duckdb.copy_data_to_vector_validity,
      vector,
      this.#validity,
      Math.ceil(rows / 64) * 8,
    );
  }

  clear(): void {
    this.#validity.fill(0);
    this.#values = 0;
  }
}

type Copy = typeof duckdb.copy_data_to_vector;
type TypedArray = Uint8Array | Uint32Array | Float64Array | BigInt64Array;

function copyWords(copy: Copy, vector: Vector, array: TypedArray, bytes: number): void {
  copy(vector, 0, array.buffer as ArrayBuffer, array.byteOffset, bytes);
}

abstract class ArrayColumn<Values extends TypedArray> extends ColumnBuffer {
  protected readonly values: Values;

  constructor(type: DuckDBType, values: Values) {
    super(type);
    this.values = values;
  }

  protected copyValuesTo(vector: Vector, rows: number): void {
    const bytesPerRow = this.values.byteLength / rowsPerBuffer;
    copyWords(duckdb.copy_data_to_vector, vector, this.values, rows * bytesPerRow);
  }
}

class NumberColumn extends ArrayColumn<Uint8Array | Uint32Array | Float64Array> {
  set(row: number, value: number): void {
    this.mark(row);
    this.values[row] = value;
  }
}

class BooleanColumn extends ArrayColumn<Uint8Array> {
  set(row: number, value: boolean): void {
    this.mark(row);
    this.values[row] = value ? 1 : 0;
  }
}

class BigintColumn extends ArrayColumn<BigInt64Array> {
  set(row: number, value: bigint): void {
    this.mark(row);
    this.values[row] = value;
  }
}

/** Ids, from the hexadecimal digits that they are written with elsewhere. */
class IdColumn extends ArrayColumn<Uint8Array> {
  readonly #bytesPerId: number;
  /** Of a UUID, DuckDB keeps the first bit turned, so that signed numbers have the order of ids. */
  readonly #firstByteMask: number;

  constructor(type: DuckDBType, bytesPerId: number, firstByteMask: number) {
    super(type, new Uint8Array(bytesPerId * rowsPerBuffer));
    this.#bytesPerId = bytesPerId;
    this.#firstByteMask = firstByteMask;
  }

  set(row: number, digits: string): void {
    this.mark(row);
    // The first byte of an id is the highest, and a number in memory begins with its lowest.
    const last = (row + 1) * this.#bytesPerId - 1;
    for (let index = 0; index < this.#bytesPerId; index += 1) {
      const high = valueOfDigit[digits.charCodeAt(2 * index)] as number;
      const low = valueOfDigit[digits.charCodeAt(2 * index + 1)] as number;
      this.values[last - index] = (high << 4) | low;
    }
    this.values[last] = (this.values[last] as number) ^ this.#firstByteMask;
  }
}

const valueOfDigit = new Uint8Array(128);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  valueOfDigit[digit.charCodeAt(0)] = value;
  valueOfDigit[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The bytes of DuckDB's `string_t`: the length, and the text itself or where it is. */
const bytesPerText = 16;
/** Longer texts are nearly always each another, and to look for their like would take time. */
const longestShared = 64;

class TextColumn extends ColumnBuffer {
  readonly #texts = new Array<string | undefined>(rowsPerBuffer).fill(undefined);
  readonly #firstRows = new Map<string, number>();

  set(row: number, text: string): void {
    this.mark(row);
    this.#texts[row] = text;
  }

  /** A text that stands in many rows is handed over once; the other rows point at the same place. */
  protected copyValuesTo(vector: Vector, rows: number): void {
    const repeated: number[] = [];
    for (let row = 0; row < rows; row += 1) {
      const text = this.#texts[row];
      if (text === undefined) {
        continue;
      }
      if (text.length <= longestShared) {
        const firstRow = this.#firstRows.get(text);
        if (firstRow !== undefined) {
          repeated.push(row, firstRow);
          continue;
        }
        this.#firstRows.set(text, row);
      }
      duckdb.vector_assign_string_element(vector, row, text);
    }
    if (repeated.length > 0) {
      // A copy, because what the bindings return may be one or DuckDB's own memory.
      const cells = new Uint8Array(duckdb.vector_get_data(vector, rows * bytesPerText));
      for (let index = 0; index < repeated.length; index += 2) {
        const [row, firstRow] = [repeated[index] as number, repeated[index + 1] as number];
        const from = firstRow * bytesPerText;
        cells.copyWithin(row * bytesPerText, from, from + bytesPerText);
      }
      copyWords(duckdb.copy_data_to_vector, vector, cells, cells.byteLength);
    }
  }

  override clear(): void {
    super.clear();
    this.#texts.fill(undefined);
    this.#firstRows.clear();
  }
}

const makers = {
  UUID: () => new IdColumn(api.UUID, 16, 0x80),
  UBIGINT: () => new IdColumn(api.UBIGINT, 8, 0),
  BIGINT: () => new BigintColumn(api.BIGINT, new BigInt64Array(rowsPerBuffer)),
  UTINYINT: () => new NumberColumn(api.UTINYINT, new Uint8Array(rowsPerBuffer)),
  UINTEGER: () => new NumberColumn(api.UINTEGER, new Uint32Array(rowsPerBuffer)),
  DOUBLE: () => new NumberColumn(api.DOUBLE, new Float64Array(rowsPerBuffer)),
  BOOLEAN: () => new BooleanColumn(api.BOOLEAN, new Uint8Array(rowsPerBuffer)),
  VARCHAR: () => new TextColumn(api.VARCHAR),
};

export type SqlType = keyof typeof makers;
/** What holds a column of that type. `set` takes a cell's value: ids as hexadecimal digits. */
export type ColumnOf<Type extends SqlType> = ReturnType<(typeof makers)[Type]>;

/** @param type As the table has it. @throws when it is none that can be written here. */
export function createColumn<Type extends SqlType>(type: Type): ColumnOf<Type> {
  if (!Object.hasOwn(makers, type)) {
    throw new Error(`columns of the type ${type} cannot be written`);
  }
  return makers[type]() as ColumnOf<Type>;
}
