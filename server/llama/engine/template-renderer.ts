import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LlamaText, type LlamaTextJSON } from "node-llama-cpp";
import type { ChatMessage } from "./chat-template.ts";
import { EngineError } from "./engine-error.ts";
import type { CallForm, ToolDefinition } from "./tool-calls/call-form.ts";

/** The templates inside a model's file. */
export interface ModelTemplates {
  readonly template: string;
  /** For chats with tools, where the file has one of its own. */
  readonly toolTemplate?: string | undefined;
}

/** What the process is asked, and what it answers. */
export interface RenderRequest extends ModelTemplates {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly limitMs: number;
}
export type RenderReply =
  | { readonly kind: "rendered"; readonly rendered: LlamaTextJSON; readonly callForm: CallForm }
  | { readonly kind: "refused" | "unusable" | "too much" };

/** A conversation in the template's text, and how calls of tools are written in it. */
export interface RenderedChat {
  readonly text: LlamaText;
  readonly callForm: CallForm;
}

/** Milliseconds are usual. */
const renderLimitMs = 5_000;
/** For a process that is too busy with itself to see that its time is over. */
const graceMs = 5_000;
/** Loading the library takes half a second; nothing of the template runs in it. */
const loadLimitMs = 120_000;
const memoryLimitMegabytes = 256;

/**
 * Renders with a model's chat template, in a process of its own: a template that never ends, or fills
 * the memory, must not take the server with it.
 */
export class TemplateRenderer {
  readonly #templates: ModelTemplates;
  #process: ChildProcess | undefined;
  /** Settled when the conversations before have been rendered. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(templates: ModelTemplates) {
    this.#templates = templates;
  }

  /**
   * Undefined for a template that cannot be rendered at all.
   * @throws EngineError chat_template_endless
   */
  static async open(templates: ModelTemplates): Promise<TemplateRenderer | undefined> {
    const renderer = new TemplateRenderer(templates);
    const { kind } = await renderer.#reply([{ role: "user", content: "A test." }], []);
    if (kind === "rendered" || kind === "refused") {
      return renderer;
    }
    renderer.close();
    if (kind === "too much") {
      throw new EngineError("chat_template_endless");
    }
    return undefined;
  }

  /** @throws EngineError chat_messages_refused, chat_template_endless; or the signal's reason */
  async render(
    messages: readonly ChatMessage[],
    tools: readonly ToolDefinition[],
    signal: AbortSignal,
  ): Promise<RenderedChat> {
    const rendering = this.#turn.then(() => {
      signal.throwIfAborted();
      return this.#reply(messages, tools);
    });
    this.#turn = rendering.catch(() => undefined);
    const reply = await rendering;
    switch (reply.kind) {
      case "rendered":
        return { text: LlamaText.fromJSON(reply.rendered), callForm: reply.callForm };
      case "refused": {
        throw new EngineError("chat_messages_refused", {
          roles: messages.map(({ role }) => role).join(", "),
        });
      }
      default:
        throw new EngineError("chat_template_endless");
    }
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  async #reply(
    messages: readonly ChatMessage[],
    tools: readonly ToolDefinition[],
  ): Promise<RenderReply> {
    // Nothing of the template has run yet: what goes wrong here is not its fault.
    this.#process ??= await start();
    try {
      const limitMs = renderLimitMs;
      const request: RenderRequest = { ...this.#templates, messages, tools, limitMs };
      const reply = awaitAnswer<RenderReply>(this.#process, renderLimitMs + graceMs);
      this.#process.send(request);
      return await reply;
    } catch (cause) {
      // The next conversation gets another process.
      this.close();
      throw new EngineError("chat_template_endless", { cause });
    }
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL("./template-process.ts", import.meta.url)), {
    // Types are all that its files have to lose: the loader of the server would take twice as long.
    execArgv: ["--experimental-strip-types", `--max-old-space-size=${memoryLimitMegabytes}`],
    env: {},
    // V8 writes pages when it runs out of memory; what happened is said elsewhere.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  // It is no reason to stay for a process that has nothing else to do.
  child.unref();
  child.channel?.unref();
  try {
    await awaitAnswer(child, loadLimitMs);
  } catch (cause) {
    child.kill("SIGKILL");
    throw cause;
  }
  return child;
}

/** What a process says next. @throws whatever ends it, or when it says nothing in time. */
function awaitAnswer<Answer>(child: ChildProcess, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      clearTimeout(late);
      child.removeAllListeners();
      // What ends it after that has nobody left to hear of it.
      child.on("error", () => undefined);
      end();
    };
    const late = setTimeout(() => settle(() => reject(new Error("It took too long."))), limitMs);
    child.once("message", (answer) => settle(() => resolve(answer as Answer)));
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", () => settle(() => reject(new Error("Its process ended."))));
  });
}
