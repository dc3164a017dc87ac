import {
  type Configuration,
  EngineError,
  type IndexingModels,
  loadIndexingModels,
  ModelError,
  terminalReport,
} from "../../server/index.ts";
import { StackError } from "../../stack/index.ts";

/** Loads the models for the time of some work; SIGINT and SIGTERM end both. */
export async function withModels<Result>(
  configuration: Configuration,
  work: (models: IndexingModels, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => stop.abort(interrupted(name)));
  }
  const models = await load(configuration, stop.signal);
  try {
    return await work(models, stop.signal);
  } finally {
    await models.close();
  }
}

async function load(configuration: Configuration, signal: AbortSignal): Promise<IndexingModels> {
  try {
    return await loadIndexingModels(configuration, { ...terminalReport(process.stderr), signal });
  } catch (error) {
    if (error instanceof ModelError) {
      throw new StackError({
        code: "model_unavailable",
        seen: error.seen,
        action: error.remedy,
        exitCode: 2,
      });
    }
    if (error instanceof EngineError) {
      throw new StackError({
        code: "model_unavailable",
        seen: error.message,
        action: "docs/errors.md says what the code means.",
        exitCode: 2,
      });
    }
    throw error;
  }
}

function interrupted(name: string): StackError {
  return new StackError({
    code: "interrupted",
    seen: `Stopped by ${name}.`,
    action: "Nothing has changed. Run the command again.",
    exitCode: 1,
  });
}
