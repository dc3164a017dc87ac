import { z } from "zod";
import type { ChatMessage } from "../llama/engine/index.ts";

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
  tool_calls: nothing,
  tool_call_id: z.null().optional(),
};

const spoken = z.strictObject({
  role: z.enum(["system", "developer", "user"]),
  content: z.union([z.string(), z.array(textPart).transform(joined)]),
  refusal: z.null().optional(),
  ...asidesOfMessage,
});

/** What the model said: also that it would not, or nothing at all. */
const answered = z.strictObject({
  role: z.literal("assistant"),
  content: z
    .union([z.string(), z.array(z.union([textPart, refusalPart])).transform(joined)])
    .nullish(),
  refusal: z.string().nullish(),
  ...asidesOfMessage,
});

export const chatMessages = z
  .array(z.discriminatedUnion("role", [spoken, answered]))
  .min(1)
  .transform((messages) =>
    messages.map(
      ({ role, content, refusal }): ChatMessage => ({
        role,
        content: content || refusal || "",
      }),
    ),
  );

function joined(parts: readonly ({ text: string } | { refusal: string })[]): string {
  return parts.map((part) => ("text" in part ? part.text : part.refusal)).join("");
}

const notDone = "only null or an empty list";

/** What each field takes, for the message when it got something else. */
const forms: Readonly<Record<string, string>> = {
  role: "system, developer, user or assistant",
  content: "a string, or parts of type text",
  refusal: "a string from the assistant",
  name: "a string",
  annotations: "a list",
  reasoning_content: "a string",
  reasoning: "a string",
  reasoning_details: "a list",
  audio: notDone,
  function_call: notDone,
  tool_calls: notDone,
  tool_call_id: "only null",
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
