import { logEvents, spans } from "#miniserve";
import type { PreparedPrompt } from "../llama/engine/index.ts";
import type { Job } from "./job.ts";

/** tokenize.input: the client's input as tokens. What can be refused about it was refused before. */
export function tokenizeInput(
  { engine, trace, log }: Job,
  prepared: readonly PreparedPrompt[],
): Promise<number[][]> {
  const { tokenizerName } = engine;
  return trace.stage(spans.tokenize, { tokenizerName }, async (stage) => {
    const prompts = prepared.map((one) => engine.tokenize(one));
    const tokensIn = prompts.reduce((sum, { length }) => sum + length, 0);
    log(logEvents.inputTokenized, { tokensIn });
    return stage.done(prompts, { tokensIn });
  });
}
