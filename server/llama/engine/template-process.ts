import { runInThisContext } from "node:vm";
import type { LlamaText } from "node-llama-cpp";
import { ChatTemplate } from "./chat-template.ts";
import type { RenderReply, RenderRequest } from "./template-renderer.ts";
import { type CallForm, plainForm } from "./tool-calls/call-form.ts";
import { writePlainly } from "./tool-calls/plain-tools.ts";
import { ToolTemplate } from "./tool-calls/tool-template.ts";

/**
 * The process that renders a model's chat template, which is a program that somebody else wrote: what
 * fills the memory here ends no more than this. (In a thread it ends the whole server: V8 gives up.)
 */

/** More than any conversation that a server takes comes to, and little enough to be handed over. */
const maxRenderedCharacters = 64 * 1024 * 1024;

let template: ChatTemplate | undefined;
/** Looked for when the first conversation with tools comes; `none` for a template without them. */
let toolTemplate: ToolTemplate | "none" | undefined;

process.on("message", (request: RenderRequest) => {
  process.send?.(withinLimit(request));
});
// The server is told to stop, not its parts; they end with it.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit());
process.send?.("loaded");

/** Only a script has a limit that ends a loop, and its limit holds for whatever it calls. */
function withinLimit(request: RenderRequest): RenderReply {
  let reply: RenderReply = { kind: "too much" };
  Object.assign(globalThis, {
    renderRequest: () => {
      reply = replyTo(request);
    },
  });
  try {
    runInThisContext("renderRequest()", { timeout: request.limitMs });
  } catch {
    // Its time is over.
  }
  return reply;
}

function replyTo(request: RenderRequest): RenderReply {
  try {
    template ??= new ChatTemplate(request.template);
  } catch {
    // Text completion works without it, so that the model is still worth serving.
    return { kind: "unusable" };
  }
  try {
    return render(template, request);
  } catch {
    // The template's own error may quote a message, so it is not passed on.
    return { kind: "refused" };
  }
}

function render(opened: ChatTemplate, request: RenderRequest): RenderReply {
  const { messages, tools } = request;
  const isAboutTools =
    tools.length > 0 || messages.some(({ role, toolCalls }) => role === "tool" || toolCalls);
  if (isAboutTools) {
    toolTemplate ??= openToolTemplate(request) ?? "none";
    const reply = toolTemplate === "none" ? undefined : renderTools(toolTemplate, request);
    if (reply !== undefined) {
      return reply;
    }
  }
  return rendered(opened.render(writePlainly(messages, tools)), plainForm);
}

/** Undefined for what the template refuses or leaves out: in plain text it can say anything. */
function renderTools(
  opened: ToolTemplate,
  { messages, tools }: RenderRequest,
): RenderReply | undefined {
  try {
    return rendered(opened.render(messages, tools), opened.form);
  } catch {
    return undefined;
  }
}

function openToolTemplate({ template: text, toolTemplate: own }: RenderRequest) {
  return (own === undefined ? undefined : ToolTemplate.open(own)) ?? ToolTemplate.open(text);
}

function rendered(text: LlamaText, callForm: CallForm): RenderReply {
  const json = text.toJSON();
  const isTooLong = JSON.stringify(json).length > maxRenderedCharacters;
  return isTooLong ? { kind: "too much" } : { kind: "rendered", rendered: json, callForm };
}
