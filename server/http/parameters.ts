import { z } from "zod";
import type { PromptInput } from "../llama/engine/index.ts";
import type { GenerationParameters, RetrievalParameters } from "../pipeline/job.ts";
import { projectIndexName } from "../retrieval/index.ts";
import { ApiError } from "./errors.ts";
import { jsonSchemaOf, responseFormat, responseFormatTakes } from "./response-format.ts";

/** A request as the client meant it, from either of the two routes. */
export interface ApiRequest {
  readonly parameters: GenerationParameters;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** OpenAI's own default for completions, so that a client which leaves it out gets what it expects. */
const defaultCompletionTokens = 16;
/** Small models ramble at OpenAI's 1; llama.cpp's own server takes 0.8. */
const defaultTemperature = 0.7;
const defaultRetrieval = { index: projectIndexName, topK: 8, rerankK: 3 } as const;

const tokenCount = z.int().min(0);
const stopString = z.string().min(1).max(256);

/** What is honoured, with the form that it takes. `null` is what some clients send for "not set". */
const honoured = {
  model: z.string().nullish(),
  max_tokens: tokenCount.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  seed: z.int().nullish(),
  stop: z.union([stopString, z.array(stopString).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: responseFormat.nullish(),
  // An identifier for the caller's own book-keeping: it changes nothing in the answer.
  user: z.string().nullish(),
  retrieval: z
    .strictObject({
      index: z.string().nullish(),
      top_k: z.int().min(1).max(100).nullish(),
      rerank_k: z.int().min(1).max(20).nullish(),
    })
    .nullish(),
};

const contentPart = z.strictObject({ type: z.literal("text"), text: z.string() });

/** What a message may carry besides, as long as it says nothing. */
const nothing = z.union([z.null(), z.array(z.never())]).optional();

const chatMessage = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([
    z.string(),
    z.array(contentPart).transform((parts) => parts.map(({ text }) => text).join("")),
  ]),
  // Clients send our own answers back as they came, and other servers' too.
  refusal: nothing,
  annotations: nothing,
  audio: nothing,
  function_call: nothing,
  name: nothing,
  tool_calls: nothing,
});

const completionSchema = z.object({ ...honoured, prompt: z.string() });
const chatSchema = z.object({
  ...honoured,
  messages: z.array(chatMessage).min(1),
  max_completion_tokens: tokenCount.nullish(),
});

/** Parameters that we know and do not do, each with the values that ask for nothing. */
const unsupported: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  best_of: [1],
  echo: [false],
  suffix: [""],
  logprobs: [false, 0],
  top_logprobs: [0],
  logit_bias: [],
  presence_penalty: [0],
  frequency_penalty: [0],
  tools: [],
  tool_choice: ["none", "auto"],
  parallel_tool_calls: [true, false],
  functions: [],
  function_call: ["none", "auto"],
  modalities: [],
  audio: [],
  prediction: [],
  reasoning_effort: [],
  verbosity: [],
  web_search_options: [],
  store: [false],
  metadata: [],
  service_tier: ["auto", "default"],
  min_p: [],
  repeat_penalty: [1],
  grammar: [],
};

/** Every name that an answer may repeat. */
export const knownParameters: ReadonlySet<string> = new Set([
  ...Object.keys(chatSchema.shape),
  ...Object.keys(completionSchema.shape),
  ...Object.keys(unsupported),
]);

/** @throws ApiError with the name of the parameter at fault. */
export function readCompletionRequest(body: unknown): ApiRequest {
  const parsed = read(completionSchema, body);
  const input: PromptInput = { kind: "plain", characters: parsed.prompt };
  return toApiRequest(input, parsed, parsed.max_tokens ?? defaultCompletionTokens);
}

/** @throws ApiError with the name of the parameter at fault. */
export function readChatRequest(body: unknown): ApiRequest {
  const parsed = read(chatSchema, body);
  const { max_tokens: older, max_completion_tokens: newer } = parsed;
  if (typeof older === "number" && typeof newer === "number" && older !== newer) {
    throw new ApiError("invalid_parameter", {
      parameter: "max_completion_tokens",
      message: "max_tokens and max_completion_tokens say different things. Send one of them.",
    });
  }
  if (parsed.retrieval && !parsed.messages.some(({ role }) => role === "user")) {
    throw new ApiError("invalid_parameter", {
      parameter: "retrieval",
      message: "retrieval looks for passages for the last message of the user, and there is none.",
    });
  }
  const input: PromptInput = { kind: "chat", conversation: parsed.messages };
  return toApiRequest(input, parsed, newer ?? older ?? undefined);
}

function toApiRequest(
  input: PromptInput,
  parsed: z.output<z.ZodObject<typeof honoured>>,
  maxTokens: number | undefined,
): ApiRequest {
  const { stop } = parsed;
  const stopStrings = typeof stop === "string" ? [stop] : (stop ?? []);
  const jsonSchema = jsonSchemaOf(parsed.response_format);
  if (jsonSchema !== undefined && stopStrings.length > 0) {
    throw new ApiError("invalid_parameter", {
      parameter: "stop",
      message: "stop would cut the JSON that response_format asks for. Leave one of them out.",
    });
  }
  return {
    parameters: {
      input,
      maxTokens,
      temperature: parsed.temperature ?? defaultTemperature,
      topP: parsed.top_p ?? 1,
      topK: parsed.top_k ?? undefined,
      seed: parsed.seed ?? undefined,
      stopStrings,
      jsonSchema,
      retrieval: toRetrieval(parsed.retrieval),
    },
    stream: parsed.stream ?? false,
    includeUsage: parsed.stream_options?.include_usage ?? false,
  };
}

function toRetrieval(
  given: z.output<(typeof honoured)["retrieval"]>,
): RetrievalParameters | undefined {
  return given === null || given === undefined
    ? undefined
    : {
        index: given.index ?? defaultRetrieval.index,
        topK: given.top_k ?? defaultRetrieval.topK,
        rerankK: given.rerank_k ?? defaultRetrieval.rerankK,
      };
}

function read<Schema extends z.ZodObject>(schema: Schema, body: unknown): z.output<Schema> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ApiError("invalid_body");
  }
  refuseWhatIsNotDone(schema, body);
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    // Zod's own sentences are not passed on: some repeat what was sent.
    throw faultOf(parsed.error.issues, body);
  }
  return parsed.data;
}

function refuseWhatIsNotDone(schema: z.ZodObject, body: object): void {
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(schema.shape, name)) {
      continue;
    }
    const neutral = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
    if (neutral === undefined) {
      throw knownParameters.has(name) ? notDone(name) : new ApiError("unknown_parameter");
    }
    if (!isNeutral(value, neutral) && !isTextAlone(name, value)) {
      throw notDone(name);
    }
  }
}

/** Many clients show the message alone, so the name stands in it too. */
function notDone(parameter: string): ApiError {
  return new ApiError("unsupported_parameter", {
    parameter,
    message: `This server does not do what ${parameter} asks for. Leave it out.`,
  });
}

function isNeutral(value: unknown, neutral: readonly unknown[]): boolean {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value === null || isEmpty || neutral.includes(value);
}

/** `modalities: ["text"]` asks for what is done anyway. */
function isTextAlone(name: string, value: unknown): boolean {
  return (
    name === "modalities" && Array.isArray(value) && value.every((modality) => modality === "text")
  );
}

function faultOf(issues: readonly z.core.$ZodIssue[], body: object): ApiError {
  const [path] = issues.map((issue) => issue.path);
  const parameter = String(path?.[0] ?? "");
  if (!(parameter in body)) {
    return new ApiError("missing_parameter", {
      parameter,
      message: `The parameter ${parameter} is missing.`,
    });
  }
  if (parameter === "prompt" && Array.isArray((body as { prompt: unknown }).prompt)) {
    return new ApiError("unsupported_parameter", {
      parameter,
      message: "Only one prompt a request, as a string. Send the others in requests of their own.",
    });
  }
  const names = [...new Set(issues.map((issue) => String(issue.path[0])))];
  const takes = names.map((name) => `${name} takes ${forms[name] ?? "another form"}`).join("; ");
  return new ApiError("invalid_parameter", { parameter, message: `${takes}.` });
}

/** What each parameter takes, for the message when it got something else. */
const forms: Readonly<Record<string, string>> = {
  model: "a string",
  prompt: "a string",
  messages:
    "a list of at least one {role, content}; role is system, developer, user or assistant, content a string or parts of type text",
  max_tokens: "a whole number from 0",
  max_completion_tokens: "a whole number from 0",
  temperature: "a number from 0 to 2",
  top_p: "a number above 0, up to 1",
  top_k: "a whole number from 0",
  seed: "a whole number",
  stop: "a string or up to 4 strings, each of 1 to 256 characters",
  stream: "true or false",
  stream_options: "an object with include_usage, true or false",
  response_format: responseFormatTakes,
  user: "a string",
  retrieval:
    "an object with index, a string, top_k, a whole number from 1 to 100, and rerank_k, one from 1 to 20",
};
