import { logEvents, spans } from "#contract";
import type { FoundPassage, UsableIndex } from "../retrieval/index.ts";
import type { StageTrace } from "../tracing/index.ts";
import { type FittedPrompt, fitPassages } from "./fit-passages.ts";
import type { Job, RetrievalParameters } from "./job.ts";
import { questionOf } from "./retrieval-prompt.ts";

type RetrieveStage = StageTrace<typeof spans.retrieve>;

/**
 * rag.retrieve: finds passages for the question and puts them before the model. The index was found
 * before, because a request that names one that is not there is refused and no stage of it fails.
 */
export function retrieve(
  job: Job,
  index: UsableIndex,
  parameters: RetrievalParameters,
  inputTokens: readonly number[],
): Promise<FittedPrompt> {
  const { trace, log } = job;
  const indexName = index.name;
  return trace.stage(spans.retrieve, { indexName }, async (stage) => {
    const { found, best } = await findPassages(job, stage, index, parameters);
    // A stage of several steps, none of which waits long; a client that left is noticed here.
    job.signal.throwIfAborted();
    const prompt = await fitPassages(job, inputTokens, best);
    const counts = { docsRetrieved: found.length, docsReranked: prompt.passages.length };
    log(logEvents.passagesRetrieved, { indexName, ...counts });
    return stage.done(prompt, counts);
  });
}

async function findPassages(
  { retriever, parameters: { input }, signal }: Job,
  stage: RetrieveStage,
  index: UsableIndex,
  { topK, rerankK }: RetrievalParameters,
): Promise<{ found: readonly FoundPassage[]; best: readonly FoundPassage[] }> {
  const question = await stage.stage(spans.embedQuery, {}, async (child) =>
    child.done(await retriever.embed(questionOf(input), signal), {}),
  );
  const found = await stage.stage(spans.vectorSearch, {}, async (child) =>
    child.done(await retriever.search(index, question, topK), {}),
  );
  const best = await stage.stage(spans.rerank, {}, async (child) =>
    child.done(await retriever.rerank(question, found, { count: rerankK, signal }), {}),
  );
  return { found, best };
}
