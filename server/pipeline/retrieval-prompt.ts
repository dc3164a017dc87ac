import type { PromptInput } from "../llama/engine/index.ts";
import type { FoundPassage } from "../retrieval/index.ts";

/** What a person asks: of a chat the last message of the user, otherwise all of it. */
export function questionOf(input: PromptInput): string {
  if (input.kind === "plain") {
    return input.characters;
  }
  return input.conversation.findLast(({ role }) => role === "user")?.content ?? "";
}

/** The same input with passages put before the question, by the template in docs/retrieval.md. */
export function withPassages(input: PromptInput, passages: readonly FoundPassage[]): PromptInput {
  if (passages.length === 0) {
    return input;
  }
  if (input.kind === "plain") {
    return { ...input, characters: `${blockOf(passages)}\n\n${input.characters}` };
  }
  const last = input.conversation.findLastIndex(({ role }) => role === "user");
  return {
    ...input,
    conversation: input.conversation.map((message, index) =>
      index === last
        ? { ...message, content: `${blockOf(passages)}\n\nQuestion: ${message.content}` }
        : message,
    ),
  };
}

const instruction = "Answer from these passages. If the answer is not in them, say so.";

function blockOf(passages: readonly FoundPassage[]): string {
  const numbered = passages.map(({ title, text }, index) => `[${index + 1}] ${title}\n${text}`);
  return [instruction, ...numbered].join("\n\n");
}
