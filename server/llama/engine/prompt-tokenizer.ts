import type { LlamaModel, LlamaText, Token } from "node-llama-cpp";
import type { ChatMessage } from "./chat-template.ts";
import { EngineError } from "./engine-error.ts";
import { TemplateRenderer } from "./template-renderer.ts";
import type { CallForm, ToolDefinition } from "./tool-calls/call-form.ts";

/** Where files of Hermes and Command R keep another template, which the library's types do not know. */
const toolUse = "chat_template.tool_use";

/** Shorter texts are tokenised within milliseconds, so that nothing is gained by estimating. */
const longTextLength = 20_000;

/** What the model is to go on from: a text, or a conversation in which the assistant is next. */
export type PromptInput =
  | { readonly kind: "plain"; readonly characters: string }
  | {
      readonly kind: "chat";
      readonly conversation: readonly ChatMessage[];
      /** What the model may call. */
      readonly tools?: readonly ToolDefinition[] | undefined;
    };

/** A prompt that the model takes, ready to be tokenised. */
export type PreparedPrompt =
  | { readonly kind: "plain"; readonly characters: string }
  | {
      readonly kind: "chat";
      readonly rendered: LlamaText;
      /** How the model is to write calls. */
      readonly callForm: CallForm;
    };

/** Turns requests into tokens and tokens into text. What a client wrote is never a control token. */
export class PromptTokenizer {
  /** The vocabulary's kind and, where the file tells, its variant: "gpt2/smollm". */
  readonly name: string;
  readonly #model: LlamaModel;
  readonly #chatTemplate: TemplateRenderer | undefined;
  #longestTokenLength: number | undefined;
  #tokenCount: number | undefined;

  private constructor(model: LlamaModel, chatTemplate: TemplateRenderer | undefined) {
    this.#model = model;
    this.#chatTemplate = chatTemplate;
    this.name = nameTokenizer(model);
  }

  /** @throws EngineError chat_template_endless */
  static async open(model: LlamaModel): Promise<PromptTokenizer> {
    const { tokenizer } = model.fileInfo.metadata;
    const { chat_template: template = "" } = tokenizer;
    const { [toolUse]: toolTemplate } = tokenizer as { [toolUse]?: string };
    const chatTemplate =
      template.trim() === "" ? undefined : await TemplateRenderer.open({ template, toolTemplate });
    return new PromptTokenizer(model, chatTemplate);
  }

  get hasChatTemplate(): boolean {
    return this.#chatTemplate !== undefined;
  }

  /**
   * @throws EngineError chat_template_missing, chat_messages_refused, chat_template_endless; or the
   *   signal's reason
   */
  async prepare(input: PromptInput, signal: AbortSignal): Promise<PreparedPrompt> {
    if (input.kind === "plain") {
      return input;
    }
    if (this.#chatTemplate === undefined) {
      throw new EngineError("chat_template_missing");
    }
    const { conversation, tools = [] } = input;
    const { text, callForm } = await this.#chatTemplate.render(conversation, tools, signal);
    return { kind: "chat", rendered: text, callForm };
  }

  close(): void {
    this.#chatTemplate?.close();
  }

  tokenize(prepared: PreparedPrompt): number[] {
    if (prepared.kind === "chat") {
      return this.#withBeginning(prepared.rendered.tokenize(this.#model.tokenizer));
    }
    const tokens = this.#withBeginning(this.#model.tokenize(prepared.characters, false));
    if (tokens.length > 0) {
      return tokens;
    }
    // A model must see a token before it can say one: an empty prompt is the beginning of a text.
    const { bos, eos, eot } = this.#model.tokens;
    return [bos ?? eos ?? eot].filter((token) => token !== null);
  }

  /** Counted when it is first asked for, which takes a while. */
  get tokenCount(): number {
    this.#tokenCount ??= [...this.#model.iterateAllTokens()].length;
    return this.#tokenCount;
  }

  /** Whether it is a token that goes on with an answer. */
  canBeBiased(token: number): boolean {
    return token < this.tokenCount && !this.#model.isEogToken(token as Token);
  }

  /** A quick lower bound of the tokens in these texts, each of which makes at least one. */
  fewestTokens(texts: readonly string[]): number {
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length < longTextLength) {
      return texts.length;
    }
    return Math.max(texts.length, Math.floor(length / this.#findLongestTokenLength()));
  }

  /** Looks through the whole vocabulary, which takes a while, so only when a long text comes. */
  #findLongestTokenLength(): number {
    if (this.#longestTokenLength !== undefined) {
      return this.#longestTokenLength;
    }
    let longest = 1;
    for (const token of this.#model.iterateAllTokens()) {
      longest = Math.max(longest, this.#model.detokenize([token], false).length);
    }
    this.#longestTokenLength = longest;
    return longest;
  }

  /**
   * Text of the tokens, control tokens left out. The tokens before them decide about a space at the
   * beginning in some vocabularies.
   */
  detokenize(tokens: readonly number[], precedingTokens: readonly number[]): string {
    return this.#model.detokenize(tokens as Token[], false, precedingTokens as Token[]);
  }

  /** Text of one token, its name for a control token. */
  nameToken(token: number, precedingToken: number | undefined): string {
    const before = precedingToken === undefined ? [] : [precedingToken];
    return this.#model.detokenize([token as Token], true, before as Token[]);
  }

  /** Tokens of a text that stands inside another. */
  tokenizeInside(characters: string): number[] {
    return this.#model.tokenize(characters, false, "trimLeadingSpace");
  }

  /** Puts the beginning-of-sequence token in front when the model file asks for it, once. */
  #withBeginning(tokens: Token[]): Token[] {
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (!shouldPrependBosToken || bos === null || tokens[0] === bos) {
      return tokens;
    }
    return [bos, ...tokens];
  }
}

/** The kind of tokenizer that the model's file names. */
export function nameTokenizer(model: LlamaModel): string {
  const { model: kind, pre: variant } = model.fileInfo.metadata.tokenizer.ggml;
  return [kind, variant]
    .filter((part) => part !== undefined && part !== "")
    .join("/")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._/-]/g, "-");
}
