import { logEvents, spans } from "#contract";
import { type Engine, EngineError } from "../llama/engine/index.ts";
import type { GenerationInput, Job } from "./job.ts";
import { EmptyInput } from "./rejection.ts";

/**
 * tokenize.input: the client's input as tokens, for a chat through the model's own template.
 * @throws EngineError `chat_template_missing` or `chat_messages_refused`, or EmptyInput.
 */
export async function tokenizeInput({ engine, trace, log, parameters }: Job): Promise<number[]> {
  const { tokenizerName } = engine;
  const tokenized = await trace.stage(spans.tokenize, { tokenizerName }, async (stage) => {
    const result = tokenize(engine, parameters.input);
    const tokensIn = result.tokens.length;
    log(logEvents.inputTokenized, { tokensIn });
    return stage.done(result, { tokensIn });
  });
  if (tokenized.refusal !== undefined) {
    throw tokenized.refusal;
  }
  if (tokenized.tokens.length === 0) {
    throw new EmptyInput();
  }
  return tokenized.tokens;
}

interface Tokenized {
  readonly tokens: number[];
  /** What the model's chat template has against the messages. */
  readonly refusal?: EngineError;
}

/** That a template does not take the messages is the request's fault: the stage has not failed. */
function tokenize(engine: Engine, input: GenerationInput): Tokenized {
  if (input.kind === "plain") {
    return { tokens: engine.tokenizeText(input.characters) };
  }
  try {
    return { tokens: engine.tokenizeChat(input.conversation) };
  } catch (error) {
    if (error instanceof EngineError && refusals.has(error.code)) {
      return { tokens: [], refusal: error };
    }
    throw error;
  }
}

const refusals: ReadonlySet<string> = new Set(["chat_template_missing", "chat_messages_refused"]);
