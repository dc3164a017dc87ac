import { type ChatHistoryItem, JinjaTemplateChatWrapper, type LlamaText } from "node-llama-cpp";
import { EngineError } from "./engine-error.ts";

export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: string;
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
  render(messages: readonly ChatMessage[]): LlamaText {
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
    // Tools are not offered, so the costly search for the template's way to call them is skipped.
    functionCallMessageTemplate: "noJinja",
  });
}

function historyItem(message: ChatMessage): ChatHistoryItem {
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
