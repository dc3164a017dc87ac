import { logEvents, spans } from "#contract";
import type { PreparedPrompt } from "../llama/engine/index.ts";
import type { Job } from "./job.ts";

/** tokenize.input: the client's input as tokens. What can be refused about it was refused before. */
export function tokenizeInput(
  { engine, trace, log }: Job,
  prepared: PreparedPrompt,
): Promise<number[]> {
  const { tokenizerName } = engine;
  return trace.stage(spans.tokenize, { tokenizerName }, async (stage) => {
    const tokens = engine.tokenize(prepared);
    const tokensIn = tokens.length;
    log(logEvents.inputTokenized, { tokensIn });
    return stage.done(tokens, { tokensIn });
  });
}
