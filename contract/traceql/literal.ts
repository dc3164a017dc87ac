import type { Literal } from "./language/index.ts";

/** @throws RangeError for what is no finite number. */
export function numberLiteral(value: number): Literal {
  if (!Number.isFinite(value)) {
    throw new RangeError(`TraceQL has no ${value}: give a finite number.`);
  }
  return Number.isInteger(value) ? { type: "int", value: BigInt(value) } : { type: "float", value };
}

/**
 * A number for an attribute that holds integers: TraceQL finds none with `5.0` or `5.5`.
 * @throws RangeError for a fraction.
 */
export function wholeNumber(value: number): Literal {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is compared with an integer attribute: give a whole number.`);
  }
  return { type: "int", value: BigInt(value) };
}
