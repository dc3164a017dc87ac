import { StackError } from "../command/stack-error.ts";
import type { ExportedFile } from "../trace-store/store/index.ts";

/**
 * Has the running store write its files, and hands each on as soon as it is whole.
 * @throws StackError `store_unreachable` or `export_failed`.
 */
export async function exportFromRunning(
  tempoUrl: string,
  sinceNs: bigint | null,
  onFile: (file: ExportedFile) => void,
): Promise<void> {
  const query = sinceNs === null ? "" : `?since_ns=${sinceNs}`;
  const response = await ask(`${tempoUrl}/export/parquet${query}`);
  let isDone = false;
  for await (const line of linesOf(response)) {
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

async function* linesOf(response: Response): AsyncGenerator<string> {
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

function unreachable(url: string, reason: string): StackError {
  return new StackError({
    code: "store_unreachable",
    seen: `The trace store at ${new URL(url).origin} did not begin an export: ${reason}`,
    action: "npm run stack:status says how it is.",
    exitCode: 2,
  });
}

function broken(reason: string): StackError {
  return new StackError({
    code: "export_failed",
    seen: `The export broke off: ${reason}`,
    action: "The files that were written so far are whole. npm run stack:logs -- store says more.",
    exitCode: 1,
  });
}
