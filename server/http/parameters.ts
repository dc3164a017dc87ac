import { z } from "zod";
import type { PromptInput } from "../llama/engine/index.ts";
import type { GenerationParameters, RetrievalParameters } from "../pipeline/job.ts";
import { projectIndexName } from "../retrieval/index.ts";
import { ApiError } from "./errors.ts";
import { chatMessages, findMessageFault } from "./messages.ts";
import { asksForNothing, neutralValues } from "./neutral-values.ts";
import { findParameterAtFault, requireObject } from "./request-body.ts";
import { readJsonSchema, responseFormat, responseFormatTakes } from "./response-format.ts";
import { readSampling, samplingParameters, samplingParametersTake } from "./sampling.ts";
import { readToolUse, refuseOtherTools, toolParameters, toolParametersTake } from "./tools.ts";

/** A request as the client meant it, from either of the two routes. */
export interface ApiRequest {
  readonly parameters: GenerationParameters;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly includeObfuscation: boolean;
}

/** OpenAI's own default for completions, so that a client which leaves it out gets what it expects. */
const defaultCompletionTokens = 16;
/** They are answered one after the other, in the time of one request. */
const maxPrompts = 128;
const maxAnswersPerPrompt = 8;
const defaultRetrieval = { index: projectIndexName, topK: 8, rerankK: 3 } as const;

const anyObject = z.record(z.string(), z.unknown());
const tokenCount = z.int().min(0);
const stopString = z.string().min(1).max(256);

/** What is honoured, with the form that it takes. `null` is what some clients send for "not set". */
const honoured = {
  model: z.string().nullish(),
  max_tokens: tokenCount.nullish(),
  n: z.int().min(1).max(maxAnswersPerPrompt).nullish(),
  ...samplingParameters,
  stop: z.union([stopString, z.array(stopString).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: z.boolean().nullish(),
    })
    .nullish(),
  response_format: responseFormat.nullish(),
  // For the caller's own book-keeping, and hints to a cache: they change nothing in the answer.
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.string().nullish(),
  prompt_cache_options: anyObject.nullish(),
  cache_control: anyObject.nullish(),
  metadata: anyObject.nullish(),
  retrieval: z
    .strictObject({
      index: z.string().nullish(),
      top_k: z.int().min(1).max(100).nullish(),
      rerank_k: z.int().min(1).max(20).nullish(),
    })
    .nullish(),
};

const candidateCount = z.int().min(0).max(20);

const completionSchema = z.object({
  ...honoured,
  logprobs: z.union([candidateCount, z.literal(false)]).nullish(),
  prompt: z.union([
    z.string(),
    z.tuple([z.string()], z.string()).refine(({ length }) => length <= maxPrompts),
  ]),
});
const chatSchema = z.object({
  ...honoured,
  logprobs: z.boolean().nullish(),
  top_logprobs: candidateCount.nullish(),
  ...toolParameters,
  messages: chatMessages,
  max_completion_tokens: tokenCount.nullish(),
});

/** Every name that an answer may repeat. */
export const knownParameters: ReadonlySet<string> = new Set([
  ...Object.keys(chatSchema.shape),
  ...Object.keys(completionSchema.shape),
  ...Object.keys(neutralValues),
]);

/** @throws ApiError with the name of the parameter at fault. */
export function readCompletionRequest(body: unknown): ApiRequest {
  const parsed = read(completionSchema, body);
  const [first, ...further] = typeof parsed.prompt === "string" ? [parsed.prompt] : parsed.prompt;
  if (parsed.retrieval && further.length > 0) {
    throw new ApiError("invalid_parameter", {
      parameter: "retrieval",
      message: "retrieval looks for passages for one prompt, and there are several.",
    });
  }
  if ((1 + further.length) * (parsed.n ?? 1) > maxPrompts) {
    throw new ApiError("invalid_parameter", {
      parameter: "n",
      message: `n and the list of prompts ask for more than ${maxPrompts} answers.`,
    });
  }
  const toPlainInput = (characters: string): PromptInput => ({ kind: "plain", characters });
  const inputs = { input: toPlainInput(first), furtherInputs: further.map(toPlainInput) };
  const { logprobs } = parsed;
  const maxTokens = parsed.max_tokens ?? defaultCompletionTokens;
  const { parameters, ...rest } = toApiRequest(inputs, parsed, maxTokens);
  const listedCandidates = typeof logprobs === "number" ? logprobs : undefined;
  return { ...rest, parameters: { ...parameters, listedCandidates } };
}

/** @throws ApiError with the name of the parameter at fault. */
export function readChatRequest(body: unknown): ApiRequest {
  const parsed = readChat(body);
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
  const { logprobs, top_logprobs: candidates } = parsed;
  if (!logprobs && candidates) {
    throw new ApiError("invalid_parameter", {
      parameter: "top_logprobs",
      message: "top_logprobs needs logprobs: true.",
    });
  }
  const toolUse = readToolUse(parsed);
  if (toolUse !== undefined && readJsonSchema(parsed.response_format) !== undefined) {
    throw new ApiError("invalid_parameter", {
      parameter: "response_format",
      message: "response_format asks for JSON, and tools for calls. Leave one of them out.",
    });
  }
  const conversation = parsed.messages;
  const input: PromptInput = { kind: "chat", conversation, tools: toolUse?.tools };
  const { parameters, ...rest } = toApiRequest(
    { input, furtherInputs: [] },
    parsed,
    newer ?? older ?? undefined,
  );
  const listedCandidates = logprobs ? (candidates ?? 0) : undefined;
  return { ...rest, parameters: { ...parameters, toolUse, listedCandidates } };
}

function readChat(body: unknown): z.output<typeof chatSchema> {
  if (typeof body === "object" && body !== null && "tools" in body) {
    refuseOtherTools(body.tools);
  }
  return read(chatSchema, body);
}

function toApiRequest(
  inputs: Pick<GenerationParameters, "input" | "furtherInputs">,
  parsed: z.output<z.ZodObject<typeof honoured>>,
  maxTokens: number | undefined,
): ApiRequest {
  const { stop } = parsed;
  const stopStrings = typeof stop === "string" ? [stop] : (stop ?? []);
  const jsonSchema = readJsonSchema(parsed.response_format);
  if (jsonSchema !== undefined && stopStrings.length > 0) {
    throw new ApiError("invalid_parameter", {
      parameter: "stop",
      message: "stop would cut the JSON that response_format asks for. Leave one of them out.",
    });
  }
  return {
    parameters: {
      ...inputs,
      answersPerInput: parsed.n ?? 1,
      maxTokens,
      ...readSampling(parsed),
      stopStrings,
      jsonSchema,
      toolUse: undefined,
      retrieval: toRetrieval(parsed.retrieval),
    },
    stream: parsed.stream ?? false,
    includeUsage: parsed.stream_options?.include_usage ?? false,
    includeObfuscation: parsed.stream_options?.include_obfuscation ?? false,
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

function read<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const body = requireObject(given);
  refuseWhatIsNotDone(schema, body);
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    // Zod's own sentences are not passed on: some repeat what was sent.
    throw toApiError(parsed.error.issues, body);
  }
  return parsed.data;
}

function refuseWhatIsNotDone(schema: z.ZodObject, body: object): void {
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(schema.shape, name)) {
      continue;
    }
    if (!knownParameters.has(name)) {
      throw new ApiError("unknown_parameter");
    }
    if (!asksForNothing(name, value)) {
      throw notDone(name);
    }
  }
}

/** Many clients show the message alone, so the name stands in it too. */
function notDone(parameter: string): ApiError {
  return new ApiError("unsupported_parameter", { parameter });
}

function toApiError(issues: readonly z.core.$ZodIssue[], body: object): ApiError {
  const parameter = findParameterAtFault(issues, body);
  const names = [...new Set(issues.map((issue) => String(issue.path[0])))];
  const describeForm = (name: string): string =>
    (name === "messages" && findMessageFault(issues)) || forms[name] || "another form";
  const takes = names.map((name) => `${name} takes ${describeForm(name)}`).join("; ");
  return new ApiError("invalid_parameter", { parameter, message: `${takes}.` });
}

const tokenCountTakes = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;

/** What each parameter takes, for the message when it got something else. */
const forms: Readonly<Record<string, string>> = {
  model: "a string",
  prompt: `a string, or a list of 1 to ${maxPrompts} of them; not tokens`,
  messages: "a list of at least one {role, content}",
  max_tokens: tokenCountTakes,
  max_completion_tokens: tokenCountTakes,
  logprobs: "true or false for a chat, a whole number from 0 to 20 for completions",
  top_logprobs: "a whole number from 0 to 20",
  n: `a whole number from 1 to ${maxAnswersPerPrompt}`,
  ...samplingParametersTake,
  stop: "a string or up to 4 strings, each of 1 to 256 characters",
  stream: "true or false",
  stream_options: "an object with include_usage and include_obfuscation, each true or false",
  response_format: responseFormatTakes,
  ...toolParametersTake,
  user: "a string",
  safety_identifier: "a string",
  prompt_cache_key: "a string",
  prompt_cache_retention: "a string",
  prompt_cache_options: "an object",
  cache_control: "an object",
  metadata: "an object",
  retrieval:
    "an object with index, a string, top_k, a whole number from 1 to 100, and rerank_k, one from 1 to 20",
};
