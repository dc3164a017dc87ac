import { z } from "zod";
import type { SamplingOptions } from "../llama/engine/index.ts";
import { ApiError } from "./errors.ts";

/** Small models ramble at OpenAI's 1; llama.cpp's own server takes 0.8. */
const defaultTemperature = 0.7;
/** As many as at OpenAI. */
const maxBiasedTokens = 300;

const penalty = z.number().min(-2).max(2);
const repeatPenalty = z.number().min(0.5).max(2);

/** What decides about the tokens, with the form that it takes. */
export const samplingParameters = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  // -1 is how other servers write 0: all.
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  frequency_penalty: penalty.nullish(),
  presence_penalty: penalty.nullish(),
  // What llama.cpp and vLLM call it.
  repeat_penalty: repeatPenalty.nullish(),
  repetition_penalty: repeatPenalty.nullish(),
  logit_bias: z
    .record(z.string().regex(/^(0|[1-9]\d{0,8})$/), z.number().min(-100).max(100))
    .refine((biases) => Object.keys(biases).length <= maxBiasedTokens)
    .nullish(),
};

/** What they take, for the message when one got something else. */
export const samplingParametersTake = {
  temperature: "a number from 0 to 2",
  top_p: "a number from 0 to 1",
  top_k: `a whole number from -1 to ${Number.MAX_SAFE_INTEGER}; 0 and -1 are all`,
  min_p: "a number from 0 to 1",
  seed: `a whole number from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
  frequency_penalty: "a number from -2 to 2",
  presence_penalty: "a number from -2 to 2",
  repeat_penalty: "a number from 0.5 to 2",
  repetition_penalty: "a number from 0.5 to 2",
  logit_bias: `an object of up to ${maxBiasedTokens} tokens, by their numbers, each with a number from -100 to 100`,
} as const;

/** @throws ApiError `invalid_parameter` */
export function readSampling(
  parsed: z.output<z.ZodObject<typeof samplingParameters>>,
): SamplingOptions {
  const { repeat_penalty: ours, repetition_penalty: theirs } = parsed;
  if (typeof ours === "number" && typeof theirs === "number" && ours !== theirs) {
    throw new ApiError("invalid_parameter", {
      parameter: "repetition_penalty",
      message: "repeat_penalty and repetition_penalty say different things. Send one of them.",
    });
  }
  const biases = Object.entries(parsed.logit_bias ?? {});
  return {
    // No token but the likeliest is within a top_p of 0.
    temperature: parsed.top_p === 0 ? 0 : (parsed.temperature ?? defaultTemperature),
    topP: parsed.top_p ?? 1,
    topK: parsed.top_k === -1 ? 0 : (parsed.top_k ?? undefined),
    minP: parsed.min_p ?? 0,
    seed: parsed.seed ?? undefined,
    frequencyPenalty: parsed.frequency_penalty ?? 0,
    presencePenalty: parsed.presence_penalty ?? 0,
    repeatPenalty: ours ?? theirs ?? 1,
    tokenBias: new Map(biases.map(([token, bias]) => [Number(token), bias])),
  };
}
