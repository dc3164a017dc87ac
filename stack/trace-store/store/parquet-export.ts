import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { spanKinds, statusCodes } from "#contract";
import { parseColumnName, quoted } from "./schema.ts";
import type { Ask } from "./span-rows.ts";
import { literal } from "./sql.ts";

export interface ParquetExportOptions {
  /** Only spans that started at or after this time, and what they share. Null: all. */
  readonly sinceNs: bigint | null;
  /** Called after each file. */
  readonly onFile?: (file: ExportedFile) => void;
  readonly signal?: AbortSignal;
}

export interface ExportedFile {
  readonly table: "spans" | "resources" | "scopes";
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A file of spans holds about so many: more at once would not fit in the memory that there is. */
const spansPerFile = 100_000;

export const exportFolderName = "exports";

/** The only folder that the database may write to besides its own file. */
export function getExportFolder(directory: string): string {
  return join(directory, exportFolderName);
}

/** What an export that was broken off, or not fetched, left behind. */
export function removeExports(directory: string): void {
  rmSync(getExportFolder(directory), { recursive: true, force: true });
}

/**
 * Writes `spans-00001.parquet` …, `resources.parquet` and `scopes.parquet` into a fresh folder below
 * the store's. Whoever asked for it takes the files from there.
 */
export async function exportParquet(
  store: { directory: string; columnNames: readonly string[]; ask: Ask },
  options: ParquetExportOptions,
): Promise<ExportedFile[]> {
  const { directory, columnNames, ask } = store;
  const { sinceNs, signal, onFile } = options;
  mkdirSync(getExportFolder(directory), { recursive: true });
  const folder = mkdtempSync(join(getExportFolder(directory), "parquet-"));
  const files: ExportedFile[] = [];
  const write = async (table: ExportedFile["table"], name: string, select: string) => {
    const path = join(folder, name);
    const [[rows] = []] = await ask(
      `COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
      [],
      signal,
    );
    const file = { table, path, rows: Number(rows), bytes: statSync(path).size };
    files.push(file);
    onFile?.(file);
  };
  const since = sinceNs === null ? "true" : `start_ns >= ${sinceNs}`;
  try {
    for (const [index, range] of (await queryRanges(ask, since)).entries()) {
      const name = `spans-${String(index + 1).padStart(5, "0")}.parquet`;
      await write("spans", name, `${selectSpans(columnNames)} WHERE ${since} AND ${range}`);
    }
    for (const [table, column, cells] of sharedTables) {
      const used = `SELECT ${column} FROM spans WHERE ${since}`;
      const select = `SELECT ${cells} FROM ${table} WHERE id IN (${used}) ORDER BY id`;
      await write(table, `${table}.parquet`, select);
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return files;
}

const sharedTables = [
  ["resources", "resource_id", "id, service, attributes"],
  ["scopes", "scope_id", "id, name, version, attributes"],
] as const;

/** Conditions that divide the spans, by their start, into parts of about the same size; one at least. */
async function queryRanges(ask: Ask, since: string): Promise<string[]> {
  const [[count] = []] = await ask(`SELECT count(*) FROM spans WHERE ${since}`);
  const parts = Math.ceil(Number(count) / spansPerFile);
  if (parts < 2) {
    return ["true"];
  }
  const shares = Array.from({ length: parts - 1 }, (_, part) => (part + 1) / parts);
  const [found = []] = await ask(
    `SELECT DISTINCT unnest(approx_quantile(start_ns, [${shares.join(", ")}])) AS border
     FROM spans WHERE ${since} ORDER BY border`,
  );
  const borders = [undefined, ...(found as bigint[]), undefined];
  return borders.slice(1).map((to, index) => {
    const from = borders[index];
    const conditions = [
      ...(from === undefined ? [] : [`start_ns >= ${from}`]),
      ...(to === undefined ? [] : [`start_ns < ${to}`]),
    ];
    return conditions.join(" AND ");
  });
}

/** In words and digits that people and programs read, where the table has numbers. */
function selectSpans(columnNames: readonly string[]): string {
  const attributes = columnNames.filter((name) => parseColumnName(name) !== undefined);
  return `SELECT replace(CAST(trace_id AS VARCHAR), '-', '') AS trace_id,
    ${idSql("span_id")}, ${idSql("parent_id")}, start_ns, duration_ns, name,
    ${wordSql("kind", spanKinds)}, ${wordSql("status", statusCodes)}, status_message, service,
    ${attributes.map((name) => `${quoted(name)}, `).join("")}
    attributes, events, links, resource_id, scope_id FROM spans`;
}

function idSql(column: string): string {
  return `lpad(lower(to_hex(${column})), 16, '0') AS ${column}`;
}

function wordSql(column: string, words: readonly string[]): string {
  return `[${words.map(literal).join(", ")}][${column} + 1] AS ${column}`;
}
