import { logEvents } from "#miniserve";
import type { PreparedPrompt } from "../llama/engine/index.ts";
import { type DecodeInput, decode } from "./decode.ts";
import { formatOutput } from "./format.ts";
import { EmptyInput, type Job, type UsedPassages } from "./job.ts";
import { prefill } from "./prefill.ts";
import { retrieve } from "./retrieve.ts";
import { tokenizeInput } from "./tokenize.ts";

/**
 * Takes a request through its stages, one after the other, as the contract's span tree has them.
 * @throws EngineError `chat_template_missing`, `chat_messages_refused`, `schema_refused`, `tools_refused`, `bias_refused`,
 *   `context_length_exceeded` or `queue_full`, RetrievalError or EmptyInput when it cannot be taken, RequestInterrupted when it is stopped, and whatever a stage threw.
 */
export async function generate(job: Job): Promise<void> {
  const { engine, trace, log, parameters, signal } = job;
  // What is refused, is refused before the first stage: a stage that throws has failed.
  const inputs = [parameters.input, ...parameters.furtherInputs];
  const prepared = await Promise.all(inputs.map((input) => engine.prepare(input, signal)));
  engine.checkTokenBias(parameters.tokenBias);
  const grammars = await compileGrammars(job, prepared);
  const [tokens = [], ...furtherPrompts] = await tokenizeInput(job, prepared);
  for (const one of [tokens, ...furtherPrompts]) {
    if (one.length === 0) {
      throw new EmptyInput();
    }
    engine.checkFits(one, parameters.maxTokens);
  }
  const { tokens: promptTokens, used } = await withRetrieval(job, tokens);
  const slot = await engine.acquireSlot({ tokens: promptTokens, signal });
  try {
    trace.set({ slotWaitUs: slot.waitedUs });
    log(logEvents.slotAcquired, { slotWaitUs: slot.waitedUs });
    const { cacheHits, cacheMisses } = await prefill(job, slot, furtherPrompts);
    const decoded = await decode(job, slot, { ...grammars, furtherPrompts });
    slot.release();
    await formatOutput(job, {
      ...decoded,
      tokensIn: cacheHits + cacheMisses,
      cacheHits,
      retrieval: used,
    });
  } finally {
    slot.release();
  }
}

/** What the answers are held to. */
async function compileGrammars(
  { engine, parameters: { jsonSchema, toolUse } }: Job,
  [first]: readonly PreparedPrompt[],
): Promise<Pick<DecodeInput, "grammar" | "calls">> {
  const grammar = jsonSchema === undefined ? undefined : await engine.compileSchema(jsonSchema);
  const calls =
    toolUse === undefined || first?.kind !== "chat"
      ? undefined
      : await engine.compileCalls(first.callForm, toolUse);
  return { grammar, calls };
}

interface FinalPrompt {
  readonly tokens: readonly number[];
  readonly used?: UsedPassages;
}

/** The client's own prompt, or with retrieval the one that has passages in it. */
async function withRetrieval(job: Job, tokens: readonly number[]): Promise<FinalPrompt> {
  const { parameters, retriever, signal } = job;
  const { retrieval } = parameters;
  if (retrieval === undefined) {
    return { tokens };
  }
  const index = await retriever.find(retrieval.index, signal);
  const prompt = await retrieve(job, index, retrieval, tokens);
  const documents = prompt.passages.map(({ id, title, score }) => ({ id, title, score }));
  return { tokens: prompt.tokens, used: { index: index.name, documents } };
}
