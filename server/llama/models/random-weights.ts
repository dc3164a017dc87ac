/**
 * Random numbers that are the same on every machine.
 *
 * Weights are drawn from a uniform distribution and not from a normal one on purpose: Math.log and
 * Math.cos may differ in the last bit between platforms, which would give a model's file another
 * checksum there. Integer steps, one division and one multiplication are exact everywhere.
 */
export interface RandomWeights {
  /** `length` values with mean 0 and the given standard deviation. */
  values(length: number, standardDeviation: number): Float32Array;
}

/** The generator is mulberry32 (public domain): one 32-bit word of state, ample for a toy model. */
export function randomWeights(seed: number): RandomWeights {
  let state = seed >>> 0;
  const nextFraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    values(length, standardDeviation) {
      const halfWidth = standardDeviation * Math.sqrt(3);
      return Float32Array.from({ length }, () => (nextFraction() * 2 - 1) * halfWidth);
    },
  };
}

export const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
