import type { DuckDBConnection } from "@duckdb/node-api";

/** Runs the work in a transaction, which is rolled back when it throws. */
export async function inTransaction(
  connection: DuckDBConnection,
  work: () => Promise<void>,
): Promise<void> {
  await connection.run("BEGIN");
  try {
    await work();
    await connection.run("COMMIT");
  } catch (error) {
    // One that failed in COMMIT is over already.
    await connection.run("ROLLBACK").catch(() => {});
    throw error;
  }
}

export async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
