import type { Literal } from "./language/index.ts";

/** A length of time, for `duration` and what is computed from it. */
export class Duration {
  readonly kind = "duration-literal";
  readonly literal: Literal;

  constructor(nanoseconds: number) {
    this.literal = { type: "duration", nanoseconds: BigInt(Math.round(nanoseconds)) };
  }
}

export function microseconds(count: number): Duration {
  return new Duration(count * 1e3);
}

export function milliseconds(count: number): Duration {
  return new Duration(count * 1e6);
}

export function seconds(count: number): Duration {
  return new Duration(count * 1e9);
}
