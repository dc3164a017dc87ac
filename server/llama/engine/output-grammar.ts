import { type LlamaGrammar, type LlamaModel, TokenBias } from "node-llama-cpp";
import { EngineError } from "./engine-error.ts";
import { grammarForSchema, SchemaRefused } from "./json-output/index.ts";

/** What answers are held to: no token is sampled that leads out of the grammar. */
export interface OutputGrammar {
  /** Parsed; each answer has a state of its own in it. */
  readonly native: LlamaGrammar;
  /** Keeps out what has a text for the grammar and none in an answer. */
  readonly withoutControlTokens: TokenBias;
}

/** Compiles schemas for one model. */
export class OutputGrammars {
  readonly #model: LlamaModel;
  #withoutControlTokens: TokenBias | undefined;

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  /** @throws EngineError schema_refused */
  async compile(schema: unknown): Promise<OutputGrammar> {
    const grammar = grammarText(schema);
    const native = await this.#model.llama.createGrammar({ grammar });
    this.#withoutControlTokens ??= withoutControlTokens(this.#model);
    return { native, withoutControlTokens: this.#withoutControlTokens };
  }
}

/**
 * The grammar takes a control token for the text of its name, so it could stand in a string; but
 * answers leave control tokens out, and what is left would not be what the schema asks for.
 */
function withoutControlTokens(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  for (const token of model.iterateAllTokens()) {
    const isControl = model.getTokenAttributes(token).control;
    if (isControl && !model.isEogToken(token)) {
      bias.set(token, "never");
    }
  }
  return bias;
}

function grammarText(schema: unknown): string {
  try {
    return grammarForSchema(schema);
  } catch (error) {
    if (error instanceof SchemaRefused) {
      throw new EngineError("schema_refused", { faults: error.faults.join(" ") });
    }
    throw error;
  }
}
