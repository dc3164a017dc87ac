import { type Configuration, checkRetrieval } from "../../server/index.ts";
import type { CommandResult } from "../../stack/index.ts";
import { withModels } from "./models.ts";

/** Asks the questions, and prints the place at which each found its document. */
export async function checkAnswers(
  configuration: Configuration,
  { say }: { readonly say: (...lines: readonly string[]) => void },
): Promise<CommandResult> {
  return await withModels(configuration, async (models, signal) => {
    const { questions, hitRate, meanReciprocalRank } = await checkRetrieval(models, signal);
    for (const { question, document, rank } of questions) {
      say(`${String(rank ?? "-").padStart(3)}  ${document.padEnd(20)} ${question}`);
    }
    const embeddingModel = models.embedder.name;
    const rankingModel = models.ranker?.name ?? null;
    say(
      `${embeddingModel}, ranked by ${rankingModel ?? "the best sentence"}: hit rate ${hitRate.toFixed(2)} in the first 3, mean reciprocal rank ${meanReciprocalRank.toFixed(2)}.`,
    );
    const report = { embeddingModel, rankingModel, hitRate, meanReciprocalRank, questions };
    return { exitCode: 0, report };
  });
}
