/** How many bytes a block of so many values takes. */
interface TensorFormat {
  readonly values: number;
  readonly bytes: number;
}

const format = (values: number, bytes: number): TensorFormat => ({ values, bytes });

/**
 * By the number that GGUF gives to the format of a tensor's values; what is not here is either given
 * up or newer than llama.cpp's version here.
 */
const formats: Readonly<Record<number, TensorFormat>> = {
  0: format(1, 4), // F32
  1: format(1, 2), // F16
  2: format(32, 18), // Q4_0
  3: format(32, 20), // Q4_1
  6: format(32, 22), // Q5_0
  7: format(32, 24), // Q5_1
  8: format(32, 34), // Q8_0
  9: format(32, 36), // Q8_1
  10: format(256, 84), // Q2_K
  11: format(256, 110), // Q3_K
  12: format(256, 144), // Q4_K
  13: format(256, 176), // Q5_K
  14: format(256, 210), // Q6_K
  15: format(256, 292), // Q8_K
  16: format(256, 66), // IQ2_XXS
  17: format(256, 74), // IQ2_XS
  18: format(256, 98), // IQ3_XXS
  19: format(256, 50), // IQ1_S
  20: format(32, 18), // IQ4_NL
  21: format(256, 110), // IQ3_S
  22: format(256, 82), // IQ2_S
  23: format(256, 136), // IQ4_XS
  24: format(1, 1), // I8
  25: format(1, 2), // I16
  26: format(1, 4), // I32
  27: format(1, 8), // I64
  28: format(1, 8), // F64
  29: format(256, 56), // IQ1_M
  30: format(1, 2), // BF16
  34: format(256, 54), // TQ1_0
  35: format(256, 66), // TQ2_0
  39: format(32, 17), // MXFP4
  40: format(64, 36), // NVFP4
  41: format(128, 18), // Q1_0
  42: format(64, 18), // Q2_0
};

/** How many bytes a tensor takes; 0 where the format is not known, and llama.cpp is to judge. */
export function tensorBytes(formatNumber: number, values: bigint): bigint {
  const found = formats[formatNumber];
  return found === undefined ? 0n : (values / BigInt(found.values)) * BigInt(found.bytes);
}
