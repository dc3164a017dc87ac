import { type ChatHistoryItem, JinjaTemplateChatWrapper, type LlamaText } from "node-llama-cpp";
import { EngineError } from "./engine-error.ts";
import type { ToolCall } from "./tool-calls/call-form.ts";

/** A message as every template takes it. */
export interface PlainMessage {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: string;
}

export interface ChatMessage {
  readonly role: PlainMessage["role"] | "tool";
  readonly content: string;
  /** Calls that the assistant made. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** For the result of a tool: of which call, and of which tool. */
  readonly toolCallId?: string | undefined;
  readonly toolName?: string | undefined;
}

/**
 * Renders messages with the template inside the model file, ending where the assistant speaks.
 *
 * The library would often choose one of its own wrappers instead, which resemble the template but
 * are not it: for the default model that drops the model's own system prompt and begins with two
 * control tokens. The template wrapper puts placeholders where the contents belong, so the text
 * of a message always stays plain text, whatever it looks like.
 */
export class ChatTemplate {
  /** The first that can render a conversation is taken. */
  readonly #wrappers: readonly JinjaTemplateChatWrapper[];

  /** @throws Error when the template can render no conversation at all */
  constructor(template: string) {
    const joined = templateWrapper(template, { joinAdjacent: true });
    try {
      this.#wrappers = [templateWrapper(template, { joinAdjacent: false }), joined];
    } catch {
      // This template insists that roles alternate: messages of one role in a row become one.
      this.#wrappers = [joined];
    }
  }

  /** @throws EngineError chat_messages_refused */
  render(messages: readonly PlainMessage[]): LlamaText {
    // The empty answer at the end becomes the opening of the assistant's turn.
    const chatHistory: ChatHistoryItem[] = [
      ...messages.map(historyItem),
      { type: "model", response: [] },
    ];
    for (const wrapper of this.#wrappers) {
      try {
        return wrapper.generateContextState({ chatHistory }).contextText;
      } catch {
        // The template's own error may quote a message, so it is not passed on.
      }
    }
    throw new EngineError("chat_messages_refused", {
      roles: messages.map(({ role }) => role).join(", "),
    });
  }
}

function templateWrapper(
  template: string,
  options: { readonly joinAdjacent: boolean },
): JinjaTemplateChatWrapper {
  return new JinjaTemplateChatWrapper({
    template,
    joinAdjacentMessagesOfTheSameType: options.joinAdjacent,
    // The search for the template's way to call tools is costly, and ours is another: tool-calls/.
    functionCallMessageTemplate: "noJinja",
  });
}

function historyItem(message: PlainMessage): ChatHistoryItem {
  switch (message.role) {
    case "system":
    case "developer":
      return { type: "system", text: message.content };
    case "user":
      return { type: "user", text: message.content };
    case "assistant":
      return { type: "model", response: [message.content] };
    default:
      return message.role satisfies never;
  }
}
