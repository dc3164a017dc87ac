import { z } from "zod";
import type { ChatMessage } from "../llama/engine/index.ts";
import { toolName } from "./tools.ts";

/** For a cache, which keeps every prefix here; it changes nothing in the answer. */
const cacheHints = {
  cache_control: z.unknown().optional(),
  prompt_cache_breakpoint: z.unknown().optional(),
};

const textPart = z.strictObject({ type: z.literal("text"), text: z.string(), ...cacheHints });
const refusalPart = z.strictObject({
  type: z.literal("refusal"),
  refusal: z.string(),
  ...cacheHints,
});

/** What a message may carry besides, as long as it says nothing. */
const nothing = z.union([z.null(), z.array(z.never())]).optional();

/** What clients send along, and send back of answers as they came, ours and other servers'. */
const asidesOfMessage = {
  ...cacheHints,
  // No part of what is said: a template has no place for it.
  name: z.string().nullish(),
  annotations: z.array(z.unknown()).nullish(),
  // Models do not get their earlier thoughts again.
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_details: z.array(z.unknown()).nullish(),
  audio: nothing,
  function_call: nothing,
};

/** What only one kind of message may say. */
const noCalls = { tool_calls: nothing, tool_call_id: z.null().optional() };

const toolCall = z.object({
  id: z.string().min(1).max(256),
  type: z.literal("function").optional(),
  function: z.object({ name: toolName, arguments: z.string().transform(parseArguments) }),
});

const spoken = z.strictObject({
  role: z.enum(["system", "developer", "user"]),
  content: z.union([z.string(), z.array(textPart).transform(joined)]),
  refusal: z.null().optional(),
  ...asidesOfMessage,
  ...noCalls,
});

/** What the model said: also that it would not, or nothing at all. */
const answered = z.strictObject({
  role: z.literal("assistant"),
  content: z
    .union([z.string(), z.array(z.union([textPart, refusalPart])).transform(joined)])
    .nullish(),
  refusal: z.string().nullish(),
  ...asidesOfMessage,
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.null().optional(),
});

/** What a tool answered to a call. */
const result = z.strictObject({
  role: z.literal("tool"),
  content: z.union([z.string(), z.array(textPart).transform(joined)]),
  refusal: z.null().optional(),
  ...asidesOfMessage,
  tool_calls: nothing,
  tool_call_id: z.string(),
});

type Message = z.output<typeof spoken> | z.output<typeof answered> | z.output<typeof result>;

export const chatMessages = z
  .array(z.discriminatedUnion("role", [spoken, answered, result]))
  .min(1)
  .transform((messages, context) => {
    const calledNames = new Map<string, string>();
    return messages.map((message, index) => {
      for (const { id, function: called } of message.tool_calls ?? []) {
        calledNames.set(id, called.name);
      }
      if (message.role === "tool" && !calledNames.has(message.tool_call_id)) {
        context.issues.push({
          code: "custom",
          input: messages,
          path: [index, "tool_call_id"],
          message: "No call has it.",
        });
      }
      return toChatMessage(message, calledNames);
    });
  });

function toChatMessage(message: Message, calledNames: ReadonlyMap<string, string>): ChatMessage {
  const { role } = message;
  const content = message.content || message.refusal || "";
  if (role === "tool") {
    const { tool_call_id: id } = message;
    return { role, content, toolCallId: id, toolName: calledNames.get(id) };
  }
  const calls = message.tool_calls ?? [];
  return calls.length === 0
    ? { role, content }
    : {
        role,
        content,
        toolCalls: calls.map(({ id, function: called }) => ({ id, ...called })),
      };
}

/** The arguments of a call, which a model may leave out. */
function parseArguments(json: string, context: z.RefinementCtx): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json.trim() === "" ? "{}" : json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Its message would repeat what was sent.
  }
  context.issues.push({ code: "custom", input: json, message: "It is no JSON object." });
  return z.NEVER;
}

function joined(parts: readonly ({ text: string } | { refusal: string })[]): string {
  return parts.map((part) => ("text" in part ? part.text : part.refusal)).join("");
}

const notDone = "only null or an empty list";

/** What each field takes, for the message when it got something else. */
const forms: Readonly<Record<string, string>> = {
  role: "system, developer, user, assistant or tool",
  content: "a string, or parts of type text",
  refusal: "a string from the assistant",
  name: "a string",
  annotations: "a list",
  reasoning_content: "a string",
  reasoning: "a string",
  reasoning_details: "a list",
  audio: notDone,
  function_call: notDone,
  tool_calls:
    "from the assistant a list of {id, type, function: {name, arguments}}, with a JSON object as text for the arguments,",
  tool_call_id: "the id of a call before, in a message of the role tool,",
};

/**
 * What is wrong with the first message that cannot be taken, with its number from 0 and the field, as
 * the end of "messages takes …". A name that is not in the list above is a stranger's, and not repeated.
 */
export function findMessageFault(issues: readonly z.core.$ZodIssue[]): string | undefined {
  const issue = issues.find(({ path }) => path[0] === "messages" && typeof path[1] === "number");
  if (issue === undefined) {
    return undefined;
  }
  const [, index, name] = issue.path;
  const message = `messages[${String(index)}]`;
  const field = String(name);
  if (name !== undefined && Object.hasOwn(forms, field)) {
    return `${forms[field]} in ${message}.${field}`;
  }
  return issue.code === "unrecognized_keys"
    ? `only the fields that docs/api.md lists, and ${message} has another`
    : `an object with role and content as ${message}`;
}
