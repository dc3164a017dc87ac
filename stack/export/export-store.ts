import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Contract } from "#contract";
import { StackError } from "../command/stack-error.ts";
import type { StackConfig } from "../config.ts";
import { makePrivateFolder } from "../private-files.ts";
import { checkStack } from "../state/health.ts";
import { type ExportedFile, openStore, type Store } from "../trace-store/store/index.ts";

interface StoreExportOptions {
  /** Where the files shall be. Made when it is missing; must not hold an export already. */
  readonly folder: string;
  readonly sinceNs: bigint | null;
  /** Called for each file when it is in its place. */
  readonly onFile: (file: ExportedFile) => void;
}

interface StoreExport {
  /** What the spans were asked of: the store that runs, or its file when none does. */
  readonly from: "running store" | "file";
  readonly files: readonly ExportedFile[];
}

/**
 * Writes what the stack's store holds into a folder, as Parquet. A store that runs writes by itself,
 * because no other process can open its file.
 * @throws StackError when it cannot be begun (exit code 2), or breaks off (1).
 */
export async function exportStore(
  contracts: readonly Contract[],
  config: Pick<StackConfig, "directory">,
  options: StoreExportOptions,
): Promise<StoreExport> {
  requireFolder(options.folder);
  const files: ExportedFile[] = [];
  const take = (written: ExportedFile) => {
    const file = { ...written, path: moveInto(options.folder, written.path) };
    files.push(file);
    options.onFile(file);
  };
  const { state } = await checkStack(config.directory);
  if (state !== null) {
    await exportFromRunning(state.tempoUrl, options.sinceNs, take);
    return { from: "running store", files };
  }
  const store = await openFile(contracts, join(config.directory, "data"));
  try {
    await store.exportParquet({ sinceNs: options.sinceNs, onFile: take });
  } catch (error) {
    throw brokenOff(error);
  } finally {
    await store.close();
  }
  return { from: "file", files };
}

function requireFolder(folder: string): void {
  let names: string[];
  try {
    makePrivateFolder(folder);
    names = readdirSync(folder);
  } catch (error) {
    throw new StackError("file_unwritable", {
      message: `${folder} cannot be used as a folder: ${(error as Error).message}`,
      hint: "Give another with --parquet.",
    });
  }
  const present = names.filter((name) => /^(spans-\d+|resources|scopes)\.parquet$/.test(name));
  if (present.length > 0) {
    throw new StackError("file_unwritable", {
      message: `${folder} holds an export already: ${present.slice(0, 3).join(", ")} …`,
      hint: "Give an empty folder with --parquet, or remove these files.",
    });
  }
}

function moveInto(folder: string, path: string): string {
  const target = join(folder, basename(path));
  try {
    renameSync(path, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") {
      throw error;
    }
    // Another disk.
    copyFileSync(path, target);
    rmSync(path);
  }
  return target;
}

async function openFile(contracts: readonly Contract[], directory: string): Promise<Store> {
  if (!existsSync(join(directory, "traces.duckdb"))) {
    throw new StackError("file_unreadable", {
      message: `The stack does not run, and there is no store in ${directory}.`,
      hint: "npm run stack:up makes one. STACK_DIR says where another is.",
    });
  }
  return await openStore(contracts, { directory });
}

function brokenOff(error: unknown): StackError {
  return new StackError("export_failed", {
    reason: error instanceof Error ? error.message : String(error),
  });
}

/**
 * Has the running store write its files, and hands each on as soon as it is whole.
 * @throws StackError `store_unreachable` or `export_failed`.
 */
async function exportFromRunning(
  tempoUrl: string,
  sinceNs: bigint | null,
  onFile: (file: ExportedFile) => void,
): Promise<void> {
  const query = sinceNs === null ? "" : `?since_ns=${sinceNs}`;
  const response = await ask(`${tempoUrl}/export/parquet${query}`);
  let isDone = false;
  for await (const line of splitLines(response)) {
    const told = JSON.parse(line) as ExportedFile | { done: true } | { error: string };
    if ("error" in told) {
      throw broken(told.error);
    }
    if ("done" in told) {
      isDone = true;
    } else {
      onFile(told);
    }
  }
  if (!isDone) {
    throw broken("the store ended its answer in the middle");
  }
}

async function ask(url: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { method: "POST" });
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    throw unreachable(url, cause?.code ?? (error as Error).message);
  }
  if (response.status !== 200) {
    throw unreachable(url, `${response.status}, ${(await response.text()).trim()}`);
  }
  return response;
}

async function* splitLines(response: Response): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const text of (response.body ?? new ReadableStream()).pipeThrough(
      new TextDecoderStream(),
    )) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if (error instanceof TypeError) {
      throw broken("the store went away");
    }
    throw error;
  }
}

function unreachable(url: string, cause: string): StackError {
  const reason = `it did not begin an export (${cause})`;
  return new StackError("store_unreachable", { address: new URL(url).origin, reason });
}

function broken(reason: string): StackError {
  return new StackError("export_failed", { reason });
}
