import {
  type Configuration,
  type IndexingModels,
  loadIndexingModels,
  terminalReport,
} from "../../server/index.ts";
import { StackError } from "../../stack/index.ts";

/** Loads the models for the time of some work; SIGINT and SIGTERM end both. */
export async function withModels<Result>(
  configuration: Configuration,
  work: (models: IndexingModels, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const hint = "Nothing has changed. Run the command again.";
    process.once(signal, () => stop.abort(new StackError("interrupted", { signal, hint })));
  }
  const models = await loadIndexingModels(configuration, {
    ...terminalReport(process.stderr),
    signal: stop.signal,
  });
  try {
    return await work(models, stop.signal);
  } finally {
    await models.close();
  }
}
