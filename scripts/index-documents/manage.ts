import {
  type Configuration,
  checkRetrieval,
  computeRates,
  IndexCatalogue,
} from "../../server/index.ts";
import { type CommandResult, StackError } from "../../stack/index.ts";
import { withModels } from "./models.ts";

type Say = (...lines: readonly string[]) => void;

/** Prints every index: what is in it, and whose vectors. */
export async function listIndexes(
  { MINISERVE_INDEXES_DIRECTORY: directory }: Configuration,
  { say }: { readonly say: Say },
): Promise<CommandResult> {
  const indexes = await new IndexCatalogue(directory).summaries();
  say(...(indexes.length === 0 ? [`No index is in ${directory}.`] : []));
  for (const { name, manifest } of indexes) {
    say(
      manifest === undefined
        ? `${name}: cannot be read; make it again.`
        : `${name}: ${manifest.documents.length} documents, ${manifest.passages} passages, by ${manifest.model.name}, ${manifest.builtAt}`,
    );
  }
  return {
    exitCode: 0,
    report: {
      directory,
      indexes: indexes.map(({ name, manifest }) => ({
        name,
        readable: manifest !== undefined,
        documents: manifest?.documents.length ?? null,
        passages: manifest?.passages ?? null,
        model: manifest?.model.name ?? null,
        builtAt: manifest?.builtAt ?? null,
      })),
    },
  };
}

export async function removeIndex(
  { MINISERVE_INDEXES_DIRECTORY: directory }: Configuration,
  name: string,
  { say }: { readonly say: Say },
): Promise<CommandResult> {
  const catalogue = new IndexCatalogue(directory);
  if (!(await catalogue.remove(name))) {
    const known = (await catalogue.names()).join(", ") || "none";
    throw new StackError("index_unknown", { name, directory, known });
  }
  say(`${name} is removed.`);
  return { exitCode: 0, report: { removed: name } };
}

/** Asks the questions, and prints the place at which each found its document. */
export async function checkAnswers(
  configuration: Configuration,
  { say }: { readonly say: (...lines: readonly string[]) => void },
): Promise<CommandResult> {
  return await withModels(configuration, async (models, signal) => {
    const questions = await checkRetrieval(models, signal);
    for (const { question, documents, rank } of questions) {
      say(`${String(rank ?? "-").padStart(3)}  ${documents[0]?.padEnd(26)} ${question}`);
    }
    const { hitRate, meanReciprocalRank } = computeRates(questions);
    const embeddingModel = models.embedder.name;
    const rankingModel = models.ranker?.name ?? null;
    say(
      `${embeddingModel}, ranked by ${rankingModel ?? "shared words"}: hit rate ${hitRate.toFixed(2)} in the first 3, mean reciprocal rank ${meanReciprocalRank.toFixed(2)}.`,
    );
    const report = { embeddingModel, rankingModel, hitRate, meanReciprocalRank, questions };
    return { exitCode: 0, report };
  });
}
