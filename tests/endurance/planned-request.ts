import fc from "fast-check";
import { logEvents } from "#contract";
import type { ErrorCode } from "../../server/http/errors.ts";
import { rawPost } from "../support/raw-http.ts";
import { type Fault, faults, type PlannedFault } from "./planned-faults.ts";

/** What a client does after it has sent its request. */
export type Conduct =
  | { readonly kind: "read" }
  /** Leaves after so many milliseconds. */
  | { readonly kind: "leave"; readonly afterMs: number }
  /** Leaves when its request has come so far in its story. */
  | { readonly kind: "leave at"; readonly event: string }
  /** Leaves when so many bytes have come back. */
  | { readonly kind: "leave after bytes"; readonly bytes: number }
  /** Sends a part of the body and leaves. */
  | { readonly kind: "half"; readonly share: number; readonly afterMs: number }
  /** Sends the body in two parts, with a pause between them. */
  | { readonly kind: "slow"; readonly share: number; readonly afterMs: number }
  /** Sends a part of the body, and waits for an answer. */
  | { readonly kind: "stall"; readonly share: number };

export interface PlannedRequest {
  readonly route: "/v1/completions" | "/v1/chat/completions";
  readonly content: PlannedContent;
  readonly fault: PlannedFault;
  readonly conduct: Conduct;
  /** Whether it leaves with a reset of the connection. */
  readonly resets: boolean;
  /** Whether the client says which trace it is in; otherwise the answer says it. */
  readonly parent: "valid" | "invalid" | "none";
  /** Whether a second request of the same kind follows on the connection at once. */
  readonly pipelined: boolean;
}

interface PlannedContent {
  readonly body: object | string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when nothing is wrong with it. */
  readonly code: ErrorCode | undefined;
}

const word = fc.constantFrom("story", "water", "people", "place", "sound", "line", "year");
const words = (count: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc.tuple(word, count).map(([one, many]) => Array.from({ length: many }, () => one).join(" "));

const input = fc.oneof(
  { arbitrary: words(fc.integer({ min: 1, max: 40 })), weight: 5 },
  // Long enough to be left, or interrupted, while it is evaluated.
  { arbitrary: words(fc.integer({ min: 700, max: 1_200 })), weight: 2 },
);

const options = fc.record(
  {
    max_tokens: fc.oneof(
      { arbitrary: fc.integer({ min: 0, max: 30 }), weight: 6 },
      { arbitrary: fc.integer({ min: 100, max: 400 }), weight: 1 },
    ),
    stream: fc.boolean(),
    stop: fc.oneof(fc.constantFrom("a", "e", " the", "\n"), fc.constant([" ", "zebra", "o"])),
    temperature: fc.constantFrom(0, 0.7, 2),
    top_p: fc.constantFrom(0.1, 1),
    seed: fc.nat(1000),
    stream_options: fc.constant({ include_usage: true }),
    user: fc.constant("somebody"),
  },
  { requiredKeys: ["stream"] },
);

const inputOf = (route: string, characters: string): object =>
  route === "/v1/completions"
    ? { prompt: characters }
    : { messages: [{ role: "user", content: characters }] };

function good(route: string): fc.Arbitrary<PlannedContent> {
  return fc.tuple(input, options).map(([characters, chosen]) => ({
    // Without a limit of its own a chat would go on up to the window's end.
    body: { max_tokens: 20, ...inputOf(route, characters), ...chosen },
    headers: {},
    code: undefined,
  }));
}

/** Requests that cannot be taken, each for one reason. */
function refused(route: string): fc.Arbitrary<PlannedContent> {
  const small = inputOf(route, "the story");
  const body = JSON.stringify(small);
  const refusals: readonly [ErrorCode, object | string, Record<string, string>?][] = [
    ["invalid_json", "{"],
    ["invalid_json", ""],
    ["invalid_body", "[1]"],
    ["missing_parameter", { max_tokens: 3 }],
    ["unknown_parameter", { ...small, frobnicate: 1 }],
    ["unsupported_parameter", { ...small, logit_bias: { 5: 1 } }],
    ["invalid_parameter", { ...small, max_tokens: -1 }],
    ["invalid_parameter", { ...small, temperature: "hot", stop: 7 }],
    ["context_length_exceeded", { ...inputOf(route, "story ".repeat(2_200)), max_tokens: 1 }],
    ["context_length_exceeded", { ...inputOf(route, "x".repeat(60_000)), max_tokens: 1 }],
    ["body_too_large", inputOf(route, "x".repeat(70_000))],
    ["unsupported_media_type", body, { "content-type": "text/plain" }],
    ["unsupported_media_type", body, { "content-encoding": "gzip" }],
    ["host_not_allowed", body, { host: "attacker.example" }],
    ["origin_not_allowed", body, { origin: "https://attacker.example" }],
  ];
  return fc
    .constantFrom(...refusals)
    .map(([code, refusedBody, headers = {}]) => ({ code, body: refusedBody, headers }));
}

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const pauseMs = fc.nat(60);
const stages = [
  logEvents.requestReceived,
  logEvents.inputTokenized,
  logEvents.slotAcquired,
  logEvents.inputPrefilled,
  logEvents.outputDecoded,
].map(({ name }) => name);

const conduct: fc.Arbitrary<Conduct> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("read") }), weight: 12 },
  { arbitrary: fc.record({ kind: fc.constant("leave"), afterMs: pauseMs }), weight: 3 },
  {
    arbitrary: fc.record({ kind: fc.constant("leave at"), event: fc.constantFrom(...stages) }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ kind: fc.constant("leave after bytes"), bytes: fc.nat(4_000) }),
    weight: 2,
  },
  { arbitrary: fc.record({ kind: fc.constant("half"), share, afterMs: pauseMs }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant("slow"), share, afterMs: pauseMs }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant("stall"), share }), weight: 1 },
) as fc.Arbitrary<Conduct>;

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { arbitrary: fc.constant<Fault>("none"), weight: 3 },
  { arbitrary: fc.constantFrom(...faults), weight: 1 },
);

const route = fc.constantFrom("/v1/completions", "/v1/chat/completions" as const);

/** Any request that a client could send, with what becomes of it. */
export const plannedRequest: fc.Arbitrary<PlannedRequest> = route.chain((chosen) =>
  fc.record<PlannedRequest>({
    route: fc.constant(chosen),
    content: fc.oneof(
      { arbitrary: good(chosen), weight: 4 },
      { arbitrary: refused(chosen), weight: 1 },
    ),
    fault: fc.record({ fault, afterSteps: fc.nat(4) }),
    conduct,
    resets: fc.boolean(),
    parent: fc.oneof(
      { arbitrary: fc.constant("valid" as const), weight: 8 },
      { arbitrary: fc.constantFrom("invalid" as const, "none" as const), weight: 1 },
    ),
    pipelined: fc.nat(11).map((one) => one === 0),
  }),
);

/** The request as it goes over the wire. */
export function wireOf(plan: PlannedRequest, headers: Readonly<Record<string, string>>): string {
  return rawPost(plan.route, plan.content.body, { ...headers, ...plan.content.headers });
}
