import { runInThisContext } from "node:vm";
import { type ChatMessage, ChatTemplate } from "./chat-template.ts";
import type { RenderReply, RenderRequest } from "./template-renderer.ts";

/**
 * The process that renders a model's chat template, which is a program that somebody else wrote: what
 * fills the memory here ends no more than this. (In a thread it ends the whole server: V8 gives up.)
 */

/** More than any conversation that a server takes comes to, and little enough to be handed over. */
const maxRenderedCharacters = 64 * 1024 * 1024;

let template: ChatTemplate | undefined;

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

function replyTo({ template: text, messages }: RenderRequest): RenderReply {
  try {
    template ??= new ChatTemplate(text);
  } catch {
    // Text completion works without it, so that the model is still worth serving.
    return { kind: "unusable" };
  }
  return render(template, messages);
}

function render(opened: ChatTemplate, messages: readonly ChatMessage[]): RenderReply {
  try {
    const rendered = opened.render(messages).toJSON();
    const isTooLong = JSON.stringify(rendered).length > maxRenderedCharacters;
    return isTooLong ? { kind: "too much" } : { kind: "rendered", rendered };
  } catch {
    // The template's own error may quote a message, so it is not passed on.
    return { kind: "refused" };
  }
}
