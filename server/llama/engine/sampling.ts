import { randomInt } from "node:crypto";

export interface SamplingOptions {
  /** 0 always takes the likeliest token. */
  readonly temperature: number;
  /** Only the likeliest tokens that together reach this probability, 0 to 1. */
  readonly topP: number;
  /** Only this many of the likeliest tokens; 0 is all. 40 when left out, as llama.cpp's own tools do. */
  readonly topK?: number | undefined;
  /** Any safe integer. The same seed gives the same answer; left out, each request draws its own. */
  readonly seed?: number | undefined;
}

export interface ResolvedSampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly seed: number;
}

const defaultTopK = 40;

/** llama.cpp keeps 32 bits of a seed and takes the highest value to mean "draw one yourself". */
const seedCount = 0xffff_ffff;

/**
 * Checks the values before anything native sees them: an exception inside the sampler reaches no
 * caller, it would leave the step hanging.
 *
 * @throws RangeError that names the option.
 */
export function resolveSampling(options: SamplingOptions): ResolvedSampling {
  const { temperature, topP, topK = defaultTopK, seed } = options;
  if (!(Number.isFinite(temperature) && temperature >= 0)) throw outOfRange("temperature");
  if (!(topP >= 0 && topP <= 1)) throw outOfRange("topP");
  if (!(Number.isSafeInteger(topK) && topK >= 0)) throw outOfRange("topK");
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw outOfRange("seed");
  return {
    temperature,
    topP,
    // The native side keeps 32 bits; no vocabulary is larger.
    topK: Math.min(topK, 0x7fff_ffff),
    seed: seed === undefined ? randomInt(seedCount) : ((seed % seedCount) + seedCount) % seedCount,
  };
}

function outOfRange(option: string): RangeError {
  return new RangeError(`The sampling option ${option} is out of its range.`);
}
