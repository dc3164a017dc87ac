import {
  type BuildProgress,
  type BuildResult,
  buildIndex,
  type Configuration,
  type DocumentFile,
  findDocuments,
  isIndexName,
  RetrievalError,
} from "../../server/index.ts";
import { type CommandResult, StackError } from "../../stack/index.ts";
import { withModels } from "./models.ts";
import { progressReport } from "./progress.ts";

interface Request {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Makes the index of the files at the paths, showing how it goes on stderr. */
export async function buildFromPaths(
  configuration: Configuration,
  { name, paths }: Request,
  { say }: { readonly say: (...lines: readonly string[]) => void },
): Promise<CommandResult> {
  if (!isIndexName(name)) {
    throw new StackError({
      code: "usage_invalid",
      seen: `An index cannot be called ${name}.`,
      action: "Take lower-case letters, digits, dots, hyphens and underscores, at most 64.",
      exitCode: 2,
    });
  }
  const documents = await find(paths);
  const report = progressReport<BuildProgress>(process.stderr);
  const result = await withModels(configuration, ({ embedder }, signal) =>
    build({
      indexesDirectory: configuration.MINISERVE_INDEXES_DIRECTORY,
      name,
      documents,
      embedder,
      signal,
      onProgress: report.onProgress,
    }),
  ).finally(() => report.end());
  say(...sentences(name, result));
  return { exitCode: 0, report: { name, ...result } };
}

async function find(paths: readonly string[]): Promise<DocumentFile[]> {
  try {
    return await findDocuments(paths, process.cwd());
  } catch (error) {
    if (!(error instanceof RetrievalError) || error.fault.code !== "index_unusable") throw error;
    const { seen, remedy } = error.fault;
    throw new StackError({ code: "file_unreadable", seen, action: remedy, exitCode: 2 });
  }
}

/** What fails here fails while it runs: the old index is as it was. */
async function build(options: Parameters<typeof buildIndex>[0]): Promise<BuildResult> {
  try {
    return await buildIndex(options);
  } catch (error) {
    if (error instanceof StackError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StackError({
      code: "index_failed",
      seen: `The index could not be made (${code}).`,
      action: "What there was of it is as before. Check that documents and folder are readable.",
      exitCode: 1,
    });
  }
}

function sentences(name: string, result: BuildResult): string[] {
  const { documents, passages, documentsKept, documentsRemoved, rebuiltBecause } = result;
  return [
    ...(rebuiltBecause === undefined ? [] : [`Made anew. ${rebuiltBecause}`]),
    `${name}: ${documents} documents, ${passages} passages; ${documentsKept} documents had not changed, ${documentsRemoved} were dropped.`,
  ];
}
