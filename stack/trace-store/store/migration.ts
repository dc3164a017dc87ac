import { isDeepStrictEqual } from "node:util";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Contract, Span } from "#contract";
import { writeString } from "./attribute-text.ts";
import {
  type AttributeColumn,
  columnSql,
  hashContracts,
  listAttributeColumns,
  parseColumnName,
  quoted,
  schemaVersion,
} from "./schema.ts";
import { SpanRows } from "./span-rows.ts";
import { inTransaction, literal, rows } from "./sql.ts";

/** What a file of this version needs to become one of the next. Each runs in one transaction. */
const migrations: Readonly<Record<number, (connection: DuckDBConnection) => Promise<void>>> = {
  1: async (connection) => {
    await deleteRepeated(connection);
    // Columns of a contract that had grown were there, but empty.
    await connection.run("UPDATE meta SET contract_hash = ''");
  },
};

/** Brings a file of an earlier version to this one. */
export async function migrate(connection: DuckDBConnection, fromVersion: number): Promise<void> {
  for (let version = fromVersion; version < schemaVersion; version += 1) {
    await inTransaction(connection, async () => {
      await migrations[version]?.(connection);
      await connection.run(`UPDATE meta SET schema_version = ${version + 1}`);
    });
  }
  if (fromVersion < schemaVersion) {
    await connection.run("CHECKPOINT");
  }
}

/** Version 1 stored a span as often as it was sent. */
async function deleteRepeated(connection: DuckDBConnection): Promise<void> {
  const names = (await rows(connection, "DESCRIBE spans")).map(([name]) => String(name));
  const stored = new SpanRows(
    async (sql, values) => (await connection.runAndReadAll(sql, values)).getColumns(),
    names,
  );
  await connection.run(
    `CREATE TEMP TABLE same_ids AS SELECT list(rowid ORDER BY rowid) AS row_ids FROM spans
     GROUP BY trace_id, span_id, start_ns HAVING count(*) > 1`,
  );
  for (let first = 0; ; first += groupsAtOnce) {
    const groups = await rows(
      connection,
      `SELECT array_to_string(row_ids, ' ') FROM same_ids ORDER BY rowid
       LIMIT ${groupsAtOnce} OFFSET ${first}`,
    );
    if (groups.length === 0) {
      break;
    }
    const rowIds = groups.map(([ids]) => String(ids).split(" ").map(BigInt));
    const spans = await stored.ofRows(new Set(rowIds.flat()));
    const repeated = rowIds.flatMap((ids) => findRepeated(ids, spans));
    if (repeated.length > 0) {
      await connection.run(
        `DELETE FROM spans WHERE rowid IN (SELECT unnest([${repeated.join(", ")}]))`,
      );
    }
  }
  await connection.run("DROP TABLE same_ids");
}

const groupsAtOnce = 500;

/** Of rows with the same ids, those that are the same in everything as one before them. */
function findRepeated(rowIds: readonly bigint[], spans: ReadonlyMap<bigint, Span>): bigint[] {
  const kept: Span[] = [];
  return rowIds.filter((rowId) => {
    const span = spans.get(rowId) as Span;
    const isRepeated = kept.some((other) => isDeepStrictEqual(other, span));
    if (!isRepeated) {
      kept.push(span);
    }
    return isRepeated;
  });
}

/**
 * Gives contracts that changed their columns, and fills them with what spans stored before hold in
 * their text. The text stays as it is: it is what a trace is read from, and it says the same.
 * Columns of attributes that a contract lost stay and are filled too: queries ask a column instead
 * of the text where there is one.
 */
export async function followContracts(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
): Promise<void> {
  const hash = hashContracts(contracts);
  const [stored] = await rows(connection, "SELECT contract_hash FROM meta");
  if (stored?.[0] === hash) {
    return;
  }
  await inTransaction(connection, async () => {
    for (const column of listAttributeColumns(contracts)) {
      await connection.run(`ALTER TABLE spans ADD COLUMN IF NOT EXISTS ${columnSql(column)}`);
    }
  });
  await fillColumns(connection);
  // Last, so that a process that is killed here begins anew: filling twice does no harm.
  await connection.run(`UPDATE meta SET contract_hash = '${hash}'`);
}

/** Updates are in memory until a checkpoint, so only so many rows can be changed at once. */
const rowsAtOnce = 500_000;

async function fillColumns(connection: DuckDBConnection): Promise<void> {
  const names = (await rows(connection, "DESCRIBE spans")).map(([name]) => String(name));
  const present = names.flatMap((name) => parseColumnName(name) ?? []);
  const [[last] = []] = await rows(connection, "SELECT max(rowid) FROM spans");
  for (let first = 0; first <= Number(last ?? -1); first += rowsAtOnce) {
    let changed = 0;
    for (const column of present) {
      const sameKey = present.filter(({ key }) => key === column.key);
      const result = await connection.run(
        `${fillSql(column, sameKey)} AND rowid BETWEEN ${first} AND ${first + rowsAtOnce - 1}`,
      );
      changed += result.rowsChanged;
    }
    if (changed > 0) {
      await connection.run("CHECKPOINT");
    }
  }
}

/** Of a key that stands twice the first counts; is that in a column, the text has only another. */
function fillSql(column: AttributeColumn, sameKey: readonly AttributeColumn[]): string {
  const value = valueInText(column);
  const conditions = [
    `contains(attributes, ${literal(`${writeString(column.key)}:`)})`,
    ...sameKey.map(({ name }) => `${quoted(name)} IS NULL`),
    `${value} IS NOT NULL`,
  ];
  return `UPDATE spans SET ${quoted(column.name)} = ${value} WHERE ${conditions.join(" AND ")}`;
}

function valueInText({ key, type }: AttributeColumn): string {
  const pointer = literal(`/${key}`);
  const json = `json_extract(attributes, ${pointer})`;
  const forms = {
    int: { types: "'BIGINT', 'UBIGINT'", value: `TRY_CAST(${json} AS BIGINT)` },
    double: { types: "'DOUBLE'", value: `TRY_CAST(${json} AS DOUBLE)` },
    string: { types: "'VARCHAR'", value: `json_extract_string(attributes, ${pointer})` },
    boolean: { types: "'BOOLEAN'", value: `TRY_CAST(${json} AS BOOLEAN)` },
  };
  const { types, value } = forms[type];
  return `CASE WHEN json_type(${json}) IN (${types}) THEN ${value} END`;
}
