import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type DuckDBConnection, DuckDBInstance, DuckDBUUIDValue } from "@duckdb/node-api";
import { createColumn, RowBuffer, rowsPerBuffer, type SqlType } from "./row-buffer.ts";

const seed = 20_251_107;

async function openConnection(context: TestContext): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  context.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return connection;
}

function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = randomFrom(seed);

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

function hex(digits: number): string {
  return Array.from({ length: digits }, () => pick([..."0123456789abcdef"])).join("");
}

/** For each type: values at its borders and anywhere, and what DuckDB answers for one. */
const types: { [Type in SqlType]: { any: () => unknown; read?: (value: never) => unknown } } = {
  UUID: {
    any: () => pick([hex(32), "0".repeat(31).concat("1"), "f".repeat(32), `8${"0".repeat(31)}`]),
    read: (id: string) => DuckDBUUIDValue.fromUint128(BigInt(`0x${id}`)),
  },
  UBIGINT: {
    any: () => pick([hex(16), "0000000000000001", "f".repeat(16), hex(16).toUpperCase()]),
    read: (id: string) => BigInt(`0x${id}`),
  },
  BIGINT: { any: () => pick([0n, -1n, -(2n ** 63n), 2n ** 63n - 1n]) },
  UTINYINT: { any: () => pick([0, 1, 255]) },
  UINTEGER: { any: () => pick([0, 1, 2 ** 32 - 1]) },
  DOUBLE: { any: () => pick([0, -0, 1.5, Number.NaN, -Infinity, 5e-324, random()]) },
  BOOLEAN: { any: () => pick([true, false]) },
  VARCHAR: {
    any: () =>
      pick([
        "",
        "twelve bytes",
        "thirteen byte",
        "no two of these are apart, and none is in the cell itself",
        "a zero \u0000 within a text that is long enough",
        "ü€😀".repeat(pick([1, 5])),
        `another each time ${random()}`,
        `long, and never looked for ${"x".repeat(80)}`,
        "x".repeat(3_000),
      ]),
  },
};

test(`what is set is what the table holds, for every type and number of rows (seed ${seed})`, async (context) => {
  const connection = await openConnection(context);
  const names = Object.keys(types) as SqlType[];
  await connection.run(
    `CREATE TABLE cells (${names.map((type) => `of_${type} ${type}`).join(", ")}, of_none VARCHAR)`,
  );
  const columns = names.map((type) => createColumn(type) as { set: Setter });
  const buffer = new RowBuffer([...columns, createColumn("VARCHAR")] as never);
  const expected: unknown[][] = [];
  const appender = await connection.createAppender("cells");
  for (const rows of [1, 7, 63, 64, 65, rowsPerBuffer, 1, rowsPerBuffer - 1, 130]) {
    for (let row = 0; row < rows; row += 1) {
      const cells = names.map((type, index) => {
        const { any, read = (value: unknown) => value } = types[type];
        // Whole columns of NULL, none at all, and some.
        const isNull = random() < ([0, 0.3, 1][(rows + index) % 3] as number);
        const value = isNull ? null : any();
        if (value !== null) {
          columns[index]?.set(row, value as never);
        }
        return value === null ? null : read(value as never);
      });
      expected.push([...cells, null]);
    }
    buffer.appendTo(appender, rows);
  }
  appender.closeSync();
  const answered = (await connection.runAndReadAll("SELECT * FROM cells ORDER BY rowid")).getRows();
  assert.equal(answered.length, expected.length);
  for (const [row, cells] of answered.entries()) {
    assert.deepEqual(cells, expected[row], `row ${row}`);
  }
});

type Setter = (row: number, value: never) => void;

test("a row beyond the buffer and a type that is not known are refused", () => {
  const column = createColumn("BIGINT");
  assert.throws(() => column.set(rowsPerBuffer, 1n), RangeError);
  assert.throws(() => createColumn("HUGEINT" as SqlType), /HUGEINT/);
});

test("what was set before a clear is gone", async (context) => {
  const connection = await openConnection(context);
  await connection.run("CREATE TABLE cells (number BIGINT, text VARCHAR)");
  const [number, text] = [createColumn("BIGINT"), createColumn("VARCHAR")];
  const buffer = new RowBuffer([number, text]);
  number.set(0, 1n);
  text.set(0, "one");
  text.set(1, "two");
  buffer.clear();
  text.set(1, "three");
  const appender = await connection.createAppender("cells");
  buffer.appendTo(appender, 2);
  appender.closeSync();
  assert.deepEqual((await connection.runAndReadAll("FROM cells")).getRows(), [
    [null, null],
    [null, "three"],
  ]);
});
