import {
  type BuildProgress,
  type BuildResult,
  buildIndex,
  type Configuration,
  type DocumentFile,
  findDocuments,
  isIndexName,
  type LeftOut,
  type LeftOutCode,
  maxDocumentBytes,
  RetrievalError,
} from "../../server/index.ts";
import { type CommandResult, StackError } from "../../stack/index.ts";
import { withModels } from "./models.ts";

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
    throw new StackError("usage_invalid", {
      message: `An index cannot be called ${name}.`,
      hint: "Take lower-case letters, digits, dots, hyphens and underscores, at most 64.",
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
  const { leftOut = [] } = result;
  return { exitCode: leftOut.length === 0 ? 0 : 1, report: { name, ...result, leftOut } };
}

async function find(paths: readonly string[]): Promise<DocumentFile[]> {
  try {
    return await findDocuments(paths, process.cwd());
  } catch (error) {
    if (!(error instanceof RetrievalError) || !error.is("index_unusable")) {
      throw error;
    }
    const { message, hint } = error;
    throw new StackError("file_unreadable", { message, hint });
  }
}

/** What fails here fails while it runs: the old index is as it was. */
async function build(options: Parameters<typeof buildIndex>[0]): Promise<BuildResult> {
  try {
    return await buildIndex(options);
  } catch (error) {
    if (error instanceof StackError) {
      throw error;
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StackError("index_failed", { reason: code });
  }
}

const megabytes = maxDocumentBytes / 1024 / 1024;
const reasons: Readonly<Record<LeftOutCode, string>> = {
  document_unreadable: "It cannot be read. Make it readable, or take it away.",
  document_too_large: `It has more than ${megabytes} MiB. Split it into several files.`,
  document_binary: "It holds no text in UTF-8. Convert it, or give it another ending.",
};
/** More would scroll the rest away; --json has them all. */
const maxSentences = 20;

/** One for each document that is not in the index. Names are strangers', and may hold anything. */
function leftOutSentences(leftOut: readonly LeftOut[]): string[] {
  const more = leftOut.length - maxSentences;
  return [
    ...leftOut.slice(0, maxSentences).map(({ path, code }) => {
      const name = path.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
      return `${code}: ${name} is left out. ${reasons[code]}`;
    }),
    ...(more > 0 ? [`And ${more} more are left out; --json names them all.`] : []),
  ];
}

function sentences(name: string, result: BuildResult): string[] {
  const { documents, passages, documentsKept, documentsRemoved, rebuiltBecause } = result;
  return [
    ...leftOutSentences(result.leftOut ?? []),
    ...(rebuiltBecause === undefined ? [] : [`Made anew. ${rebuiltBecause}`]),
    `${name}: ${documents} documents, ${passages} passages; ${documentsKept} documents had not changed, ${documentsRemoved} were dropped.`,
  ];
}

/** How far an index is. */
interface Progress {
  readonly documents: number;
  readonly passagesDone: number;
  /** From 0 to 1. */
  readonly share: number;
}

interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const barCharacters = 30;

/** One bar that is rewritten in place on a terminal, or a line for every ten per cent elsewhere. */
function progressReport<Reported extends Progress>(stream: ProgressStream) {
  let shown: number | undefined;
  let isOpen = false;
  return {
    onProgress({ documents, passagesDone, share }: Reported): void {
      const percent = Math.floor(share * 100);
      const step = stream.isTTY === true ? percent : percent - (percent % 10);
      if (step === shown) {
        return;
      }
      shown = step;
      const filled = Math.round((percent / 100) * barCharacters);
      const bar = `[${"#".repeat(filled)}${".".repeat(barCharacters - filled)}]`;
      const line = `index: ${bar} ${String(percent).padStart(3)} % of ${documents} documents, ${passagesDone} passages`;
      isOpen = stream.isTTY === true;
      stream.write(isOpen ? `\r${line}` : `${line}\n`);
    },
    end(): void {
      if (isOpen) {
        stream.write("\n");
      }
      isOpen = false;
    },
  };
}
