import { existsSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Contract } from "#contract";
import {
  keepFilesPrivate,
  type Mended,
  makePrivateFolder,
  restrictPermissions,
} from "../../private-files.ts";
import { isDiskFull } from "../../state/health.ts";
import { followContracts, migrate } from "./migration.ts";
import { exportFolderName, getExportFolder } from "./parquet-export.ts";
import type { SqlType } from "./row-buffer.ts";
import { schemaVersion, type TableColumn, type TableName, tables } from "./schema.ts";
import { inTransaction, literal, rows } from "./sql.ts";
import { isDamage, isDiskFullError, StoreError } from "./store-error.ts";

export interface DatabaseOptions {
  readonly directory: string;
  readonly threads: number;
  readonly memoryLimitMebibytes: number;
}

export interface Database {
  readonly instance: DuckDBInstance;
  /** The one that writes. */
  readonly connection: DuckDBConnection;
  /** Its one true path. */
  readonly directory: string;
  /** Where DuckDB keeps what is committed and not in the file itself yet. */
  readonly logFile: string;
  /** The columns of `spans`, in the order of the table. */
  readonly columns: readonly TableColumn[];
  /** What of the files others could read, and cannot any more. */
  readonly mended: Mended;
  readonly close: () => void;
  /**
   * For when something that is needed could not be read: closes, and sets a damaged file aside.
   * @returns What is to be thrown.
   */
  readonly giveUp: (error: unknown) => StoreError;
}

const fileName = "traces.duckdb";

/** DuckDB's lock keeps other processes out. Within one, a file opened twice loses data silently. */
const openDirectories = new Set<string>();

/**
 * Opens the store's file, or makes it, with a column for each attribute of the contract.
 * @throws StoreError, with the file set aside where it cannot be of any use, and otherwise as it was.
 */
export async function openDatabase(
  contracts: readonly Contract[],
  options: DatabaseOptions,
): Promise<Database> {
  // DuckDB makes its files by itself, and its log anew after each checkpoint.
  keepFilesPrivate();
  const directory = makeDirectory(options.directory);
  const file = join(directory, fileName);
  if (openDirectories.has(directory)) {
    throw inUse(file, "this process");
  }
  openDirectories.add(directory);
  const isNew = !existsSync(file);
  const mended = restrictPermissions(ownPaths(directory));
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;
  const close = () => {
    connection?.closeSync();
    instance?.closeSync();
    openDirectories.delete(directory);
  };
  const giveUp = (error: unknown) => {
    close();
    const opening = openingError(error, file);
    if (isNew && opening.code === "store_disk_full") {
      // What there was no room for is no store, and would be taken for a damaged one next time.
      rmSync(file, { force: true });
      rmSync(`${file}.wal`, { force: true });
    }
    return setAsideIfUseless(opening, file);
  };
  try {
    instance = await createInstance(file, options);
    connection = await instance.connect();
    // Closing must not write: a file that cannot be read is kept as it was found.
    await connection.run("PRAGMA disable_checkpoint_on_shutdown");
    await connection.run(`SET allowed_directories = [${literal(getExportFolder(directory))}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
    const columns = await prepareTables(connection, contracts, file);
    const logFile = `${file}.wal`;
    return { instance, connection, directory, logFile, columns, mended, close, giveUp };
  } catch (error) {
    throw giveUp(error);
  }
}

/** Its one true path, so that two ways to write it are known to be the same. */
function makeDirectory(path: string): string {
  try {
    makePrivateFolder(path);
    return realpathSync(path);
  } catch (error) {
    throw notAccessible(path, error);
  }
}

/** The folder too, unless it is somebody's who keeps something else in it. */
function ownPaths(directory: string): string[] {
  const names = readdirSync(directory);
  const own = names.filter((name) => name.startsWith(fileName) || name === exportFolderName);
  return own.length === names.length ? [directory] : own.map((name) => join(directory, name));
}

function createInstance(file: string, options: DatabaseOptions): Promise<DuckDBInstance> {
  return DuckDBInstance.create(file, {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMebibytes}MiB`,
    temp_directory: `${file}.spill`,
    max_temp_directory_size: "1GiB",
    // Checkpoints are made by group-commit.ts, at better times than within a commit.
    checkpoint_threshold: "1GiB",
    // What a checkpoint needed for a moment would otherwise stay with this process for good.
    allocator_background_threads: "true",
    allocator_flush_threshold: "16MiB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
}

function openingError(cause: unknown, file: string): StoreError {
  if (cause instanceof StoreError && cause.code !== "store_damaged") {
    return cause;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/set lock|used by another process/i.test(message)) {
    return inUse(file, /PID \d+/.exec(message)?.[0] ?? "another process");
  }
  if (/newer version|version number \d+, but we can only read/i.test(message)) {
    const reason = "was written by a newer version of DuckDB";
    return new StoreError("store_too_new", { file, reason, cause });
  }
  // On a full disk anything may look damaged: what cannot be written cannot be read either.
  if (isDiskFullError(cause) || isDiskFull(dirname(file))) {
    return new StoreError("store_disk_full", {
      message: `${file} cannot be opened, because its disk is full: ${message}.`,
      hint: "Make room; it is left as it is.",
      cause,
    });
  }
  if (cause instanceof StoreError) {
    return cause;
  }
  if (isDamage(cause)) {
    return new StoreError("store_damaged", { file, reason: message, cause });
  }
  return notAccessible(file, cause);
}

function notAccessible(path: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("store_not_accessible", { path, reason, cause });
}

function inUse(file: string, by: string): StoreError {
  return new StoreError("store_in_use", { file, by });
}

/** What is missing at the end would otherwise be noticed by the first query that needs it. */
async function requireWhole(connection: DuckDBConnection, file: string): Promise<void> {
  const [found] = await rows(
    connection,
    `SELECT max(greatest(block_id, coalesce(list_max(additional_block_ids), 0)) + 1)
       * (SELECT block_size FROM pragma_database_size())
     FROM pragma_storage_info('spans') WHERE persistent`,
  );
  const needed = Number(found?.[0] ?? 0);
  const { size } = statSync(file);
  if (size < needed) {
    const reason = `it was cut off after ${size} bytes, and there are spans up to ${needed}`;
    throw new StoreError("store_damaged", { file, reason });
  }
}

async function prepareTables(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  file: string,
): Promise<TableColumn[]> {
  const present = await rows(connection, "SELECT table_name FROM duckdb_tables()");
  if (present.length === 0) {
    await createTables(connection);
  } else {
    const version = await readVersion(connection, new Set(present.flat()), file);
    await requireWhole(connection, file);
    await migrate(connection, version);
  }
  await followContracts(connection, contracts);
  return (await rows(connection, "DESCRIBE spans")).map(([name, type]) => ({
    name: String(name),
    type: type as SqlType,
  }));
}

/** In one transaction: a process that is killed here leaves an empty file, which is as good as none. */
async function createTables(connection: DuckDBConnection): Promise<void> {
  await inTransaction(connection, async () => {
    for (const [table, columns] of Object.entries(tables)) {
      await connection.run(`CREATE TABLE ${table} (${columns})`);
    }
    await connection.run(`INSERT INTO meta VALUES (${schemaVersion}, '')`);
  });
}

/** The version of the file's tables. */
async function readVersion(
  connection: DuckDBConnection,
  present: ReadonlySet<unknown>,
  file: string,
): Promise<number> {
  const missing = (Object.keys(tables) as TableName[]).filter((table) => !present.has(table));
  if (missing.length > 0) {
    throw new StoreError("store_foreign", {
      file,
      reason: `it has no table ${missing.join(", ")}`,
    });
  }
  const [meta] = await rows(connection, "SELECT schema_version FROM meta");
  const version = Number(meta?.[0]);
  if (version > schemaVersion) {
    const reason = `has the tables of version ${version}, and this program knows those up to ${schemaVersion}`;
    throw new StoreError("store_too_new", { file, reason });
  }
  if (!(version >= 1)) {
    throw new StoreError("store_foreign", { file, reason: "it names no version" });
  }
  return version;
}

/** What can never be opened makes room for a new file, and stays beside it for whoever wants it back. */
function setAsideIfUseless(error: StoreError, file: string): StoreError {
  if (!error.is("store_damaged") && !error.is("store_foreign")) {
    return error;
  }
  const aside = `${file}.${error.code}-${new Date().toISOString().replaceAll(":", "-")}`;
  renameSync(file, aside);
  if (existsSync(`${file}.wal`)) {
    renameSync(`${file}.wal`, `${aside}.wal`);
  }
  return new StoreError(error.code, { ...error.values, aside, cause: error });
}
