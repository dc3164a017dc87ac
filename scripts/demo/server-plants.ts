import { type Answer, ask, askSlowly, leaveStream, type Target } from "./client.ts";
import type { Plant } from "./plant.ts";
import type { Words } from "./words.ts";

/** Longer than any request should take, and shorter than the server waits for a body. */
const slowLineMs = 10_500;
/** No answer should need so many; a list of so many values has them. */
const runawayTokens = 1_010;

const endlessList = {
  type: "json_schema",
  json_schema: {
    name: "votes",
    schema: { type: "array", items: { type: "boolean" }, minItems: 1_000 },
  },
};

/** The anomalies that any client can make, of the server that runs. */
export function listServerPlants(target: Target, words: Words): readonly Plant[] {
  const chat = (content: string, rest = {}) => ({ messages: [{ role: "user", content }], ...rest });
  const askChat = (content: string, rest = {}): Promise<Answer> =>
    ask(target, "/v1/chat/completions", chat(content, rest));
  return [
    {
      what: "answers that no token was asked for",
      foundBy: ["empty-completions", "empty-answers", "cut-off-by-length"],
      make: async () => [
        await askChat("Are you there?", { max_tokens: 0 }),
        await askChat("And now?", { max_tokens: 0, stream: true }),
      ],
    },
    {
      what: "an answer that ends in the middle",
      foundBy: ["cut-off-by-length"],
      make: async () => [await askChat("Tell a long story.", { max_tokens: 12 })],
    },
    {
      what: "an answer that calls a tool",
      foundBy: ["tool-calls"],
      make: async () => [
        await askChat("Is the light on?", {
          tools: [{ type: "function", function: { name: "read_switch" } }],
          tool_choice: "required",
          parallel_tool_calls: false,
        }),
      ],
    },
    {
      what: "requests that the server refuses",
      foundBy: ["rejected-requests"],
      make: async () => [
        await askChat("Too little.", { max_tokens: -1 }),
        await askChat("Not there.", { retrieval: { index: "nowhere" } }),
        await askChat(words.take(20_000)),
      ],
    },
    {
      what: "a client that leaves while its answer comes",
      foundBy: ["aborted-requests"],
      make: async () => [
        await leaveStream(
          target,
          chat("Yes or no?", { max_tokens: runawayTokens, response_format: endlessList }),
        ),
      ],
    },
    {
      what: "a long input, and nothing in return",
      foundBy: ["much-in-nothing-out", "empty-answers"],
      make: async () => [await askChat(await words.fill(1_300, target), { max_tokens: 0 })],
    },
    {
      what: "a client on a slow line",
      foundBy: ["slow-requests"],
      make: async () => [
        await askSlowly(target, chat("This takes its time.", { max_tokens: 4 }), slowLineMs),
      ],
    },
    {
      what: "an answer without an end",
      foundBy: ["runaway-generation"],
      make: async () => [
        await askChat("Yes or no, again and again.", {
          max_tokens: runawayTokens,
          response_format: endlessList,
        }),
      ],
    },
  ];
}
