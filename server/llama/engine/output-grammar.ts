import type { LlamaGrammar, LlamaModel, Token } from "node-llama-cpp";
import { EngineError } from "./engine-error.ts";
import { grammarForSchema, SchemaRefused } from "./json-output/index.ts";
import { type CallForm, type CallTrigger, triggerOf } from "./tool-calls/call-form.ts";
import { grammarForCalls, type ToolUse } from "./tool-calls/call-grammar.ts";

/** What answers are held to: no token is sampled that leads out of the grammar. */
export interface OutputGrammar {
  /** Parsed; each answer has a state of its own in it. */
  readonly native: LlamaGrammar;
  /**
   * The grammar takes a control token for the text of its name, so it could stand in a string; but
   * answers leave control tokens out, and what is left would not be what the grammar asks for.
   */
  readonly forbiddenTokens: readonly Token[];
}

/** What holds the calls of an answer to their tools. */
export interface CallGrammar {
  readonly form: CallForm;
  /** From there on the grammar holds; undefined where the answer must begin with a call. */
  readonly trigger: CallTrigger | undefined;
  readonly output: OutputGrammar;
  /** Control tokens that stand in calls, with their texts. */
  readonly shownTokens: ReadonlyMap<number, string>;
}

/** Compiles schemas for one model. */
export class OutputGrammars {
  readonly #model: LlamaModel;
  #controlTokens: readonly Token[] | undefined;

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  /** @throws EngineError schema_refused */
  async compile(schema: unknown): Promise<OutputGrammar> {
    const grammar = written(() => grammarForSchema(schema), "schema_refused");
    return this.#output(grammar, new Map());
  }

  /** @throws EngineError tools_refused */
  async compileCalls(form: CallForm, use: ToolUse): Promise<CallGrammar> {
    const grammar = written(() => grammarForCalls(form, use), "tools_refused");
    const shownTokens = this.#findShownTokens(form);
    return {
      form,
      trigger: use.choice === "auto" ? triggerOf(form) : undefined,
      output: await this.#output(grammar, shownTokens),
      shownTokens,
    };
  }

  async #output(grammar: string, shown: ReadonlyMap<number, string>): Promise<OutputGrammar> {
    const native = await this.#model.llama.createGrammar({ grammar });
    const forbiddenTokens = this.#listControlTokens().filter((token) => !shown.has(token));
    return { native, forbiddenTokens };
  }

  #findShownTokens(form: CallForm): Map<number, string> {
    const { opening, before, between, after, separator, closing } = form;
    const texts = [opening, before, between, after, separator, closing, ...triggerOf(form).texts];
    const control = new Set(this.#listControlTokens());
    const tokens = texts.flatMap((text) => this.#model.tokenize(text, true, "trimLeadingSpace"));
    const shown = tokens.filter((token) => control.has(token));
    return new Map(shown.map((token) => [token, this.#model.detokenize([token], true)]));
  }

  /** Those that do not end an answer. Looking through the vocabulary takes a while. */
  #listControlTokens(): readonly Token[] {
    this.#controlTokens ??= [...this.#model.iterateAllTokens()].filter(
      (token) => this.#model.getTokenAttributes(token).control && !this.#model.isEogToken(token),
    );
    return this.#controlTokens;
  }
}

/** @throws EngineError with the code, for a schema that cannot be used */
function written(write: () => string, code: "schema_refused" | "tools_refused"): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof SchemaRefused) {
      throw new EngineError(code, { faults: error.faults.join(" ") });
    }
    throw error;
  }
}
