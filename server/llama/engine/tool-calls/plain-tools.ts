import type { ChatMessage, PlainMessage } from "../chat-template.ts";
import { plainForm, type ToolCall, type ToolDefinition } from "./call-form.ts";

/**
 * A conversation with tools in plain text, for templates that know nothing of them: the system message
 * lists the tools, calls stand in what the assistant said, and results in what the user says.
 */
export function writePlainly(
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
): PlainMessage[] {
  const plain = messages
    .map(writeCalls)
    .map(
      ({ role, content }): PlainMessage =>
        role === "tool"
          ? { role: "user", content: `<tool_response>\n${content}\n</tool_response>` }
          : { role, content },
    );
  if (tools.length === 0) {
    return plain;
  }
  const [first, ...others] = plain;
  const list = listTools(tools);
  return first?.role === "system" || first?.role === "developer"
    ? [{ ...first, content: `${first.content}\n\n${list}` }, ...others]
    : [{ role: "system", content: list }, ...plain];
}

/** The same message with its calls in its text. */
export function writeCalls(message: ChatMessage): ChatMessage {
  const { toolCalls = [], ...rest } = message;
  if (toolCalls.length === 0) {
    return message;
  }
  const parts = message.content === "" ? [] : [message.content];
  return { ...rest, content: [...parts, ...toolCalls.map(writeCall)].join("\n") };
}

function writeCall({ name, arguments: given }: ToolCall): string {
  const { before, between, after } = plainForm;
  return `${before}${name}${between}${JSON.stringify(given)}${after}`;
}

function listTools(tools: readonly ToolDefinition[]): string {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ name, description, parameters }),
  );
  const { before, between, after } = plainForm;
  // The default model copies words that stand for a name or a value, and asks again without the last line.
  return [
    "You have tools that find things out or do things. Each line is one, as JSON:",
    "<tools>",
    ...lines,
    "</tools>",
    "If a question needs one, answer only with a call, as JSON in tags:",
    `${before}...${between}{...}${after}`,
    "Otherwise, and when you have the result, answer in words.",
  ].join("\n");
}
