import fc from "fast-check";
import type { ErrorCode } from "../../server/http/errors.ts";

export const routes = ["/v1/completions", "/v1/chat/completions"] as const;
export type Route = (typeof routes)[number];

export interface PlannedContent {
  readonly body: Readonly<Record<string, unknown>> | string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when nothing is wrong with it. */
  readonly code: ErrorCode | undefined;
}

/** An index that can be searched, and one of another model's vectors. */
export const indexNames = { usable: "house", foreign: "foreign" } as const;

const word = fc.constantFrom("story", "water", "people", "place", "sound", "line", "year");
const words = (count: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc.tuple(word, count).map(([one, many]) => Array.from({ length: many }, () => one).join(" "));

const input = fc.oneof(
  { arbitrary: words(fc.integer({ min: 1, max: 40 })), weight: 5 },
  // Long enough to be left, or interrupted, while it is evaluated.
  { arbitrary: words(fc.integer({ min: 700, max: 1_200 })), weight: 2 },
  // Says nothing to the embedding model, so that no passage is found.
  { arbitrary: fc.constant("?!"), weight: 1 },
);

const retrieval = fc.record(
  {
    index: fc.constant(indexNames.usable),
    top_k: fc.constantFrom(1, 8, 100),
    rerank_k: fc.constantFrom(1, 3, 20),
  },
  { requiredKeys: ["index"] },
);
const passages = fc.oneof(
  { arbitrary: fc.constant({}), weight: 2 },
  { arbitrary: fc.record({ retrieval }), weight: 1 },
);

const schema = {
  type: "object",
  properties: { place: { enum: ["garden", "kitchen"] }, years: { type: "integer" } },
  required: ["place"],
};
const json = fc.constantFrom(
  { type: "json_object" },
  { type: "json_schema", json_schema: { name: "place", schema } },
);

const options = fc.record(
  {
    max_tokens: fc.oneof(
      { arbitrary: fc.integer({ min: 0, max: 30 }), weight: 6 },
      { arbitrary: fc.integer({ min: 100, max: 400 }), weight: 1 },
    ),
    stream: fc.boolean(),
    temperature: fc.constantFrom(0, 0.7, 2),
    top_p: fc.constantFrom(0.1, 1),
    seed: fc.nat(1000),
    stream_options: fc.constant({ include_usage: true }),
    user: fc.constant("somebody"),
  },
  { requiredKeys: ["stream"] },
);
/** What the answer is to look like; JSON takes no stop strings. */
const form = fc.oneof(
  {
    arbitrary: fc.record(
      { stop: fc.oneof(fc.constantFrom("a", "e", " the", "\n"), fc.constant([" ", "zebra", "o"])) },
      { requiredKeys: [] },
    ),
    weight: 4,
  },
  { arbitrary: fc.record({ response_format: json }), weight: 1 },
);

/** What only a chat can have; a call is mostly cut. */
const tools = fc.record({
  tools: fc.constant([
    {
      type: "function",
      function: {
        name: "paint",
        parameters: { type: "object", properties: { colour: { enum: ["red", "blue"] } } },
      },
    },
  ]),
  tool_choice: fc.constantFrom("auto", "required"),
});
/** What decides about tokens, and how many answers there are. */
const sampling = fc.record(
  {
    n: fc.constantFrom(1, 2),
    frequency_penalty: fc.constantFrom(-0.5, 1),
    min_p: fc.constantFrom(0, 0.1),
    logit_bias: fc.constant({ 300: 5 }),
  },
  { requiredKeys: [] },
);

const createInput = (route: Route, characters: string): Record<string, unknown> =>
  route === "/v1/completions"
    ? { prompt: characters }
    : { messages: [{ role: "user", content: characters }] };

export function good(route: Route): fc.Arbitrary<PlannedContent> {
  const forms =
    route === "/v1/completions" ? form : fc.oneof({ arbitrary: form, weight: 3 }, tools);
  return fc.tuple(input, options, forms, passages, sampling).map(([characters, ...chosen]) => ({
    // Without a limit of its own a chat would go on up to the window's end.
    body: Object.assign({ max_tokens: 20 }, createInput(route, characters), ...chosen),
    headers: {},
    code: undefined,
  }));
}

/** Requests that cannot be taken, each for one reason. */
export function refused(route: Route): fc.Arbitrary<PlannedContent> {
  const small = createInput(route, "the story");
  const body = JSON.stringify(small);
  const impossible = { type: "json_schema", json_schema: { name: "x", schema: { not: {} } } };
  const refusals: readonly [ErrorCode, PlannedContent["body"], Record<string, string>?][] = [
    ["invalid_json", "{"],
    ["invalid_json", ""],
    ["invalid_body", "[1]"],
    ["missing_parameter", { max_tokens: 3 }],
    ["unknown_parameter", { ...small, frobnicate: 1 }],
    ["unsupported_parameter", { ...small, mirostat: 2 }],
    ["invalid_parameter", { ...small, max_tokens: -1 }],
    ["invalid_parameter", { ...small, temperature: "hot", stop: 7 }],
    ["invalid_parameter", { ...small, response_format: { type: "json_object" }, stop: "a" }],
    ["invalid_parameter", { ...small, response_format: impossible }],
    ["invalid_parameter", { ...small, retrieval: { index: indexNames.usable, top_k: 0 } }],
    ["unknown_index", { ...small, retrieval: { index: "nowhere" } }],
    ["index_unusable", { ...small, retrieval: { index: indexNames.foreign } }],
    ["context_length_exceeded", { ...createInput(route, "story ".repeat(2_200)), max_tokens: 1 }],
    ["context_length_exceeded", { ...createInput(route, "x".repeat(60_000)), max_tokens: 1 }],
    ["body_too_large", createInput(route, "x".repeat(70_000))],
    ["unsupported_media_type", body, { "content-type": "text/plain" }],
    ["unsupported_media_type", body, { "content-encoding": "gzip" }],
    ["host_not_allowed", body, { host: "attacker.example" }],
    ["origin_not_allowed", body, { origin: "https://attacker.example" }],
  ];
  return fc
    .constantFrom(...refusals)
    .map(([code, refusedBody, headers = {}]) => ({ code, body: refusedBody, headers }));
}
