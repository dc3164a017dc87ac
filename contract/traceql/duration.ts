import { decimal } from "./literal.ts";

/** A length of time, for `duration` and what is computed from it. */
export class Duration {
  readonly kind = "duration-literal";
  readonly text: string;

  constructor(nanoseconds: number) {
    this.text = durationText(nanoseconds);
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

const units = [
  ["h", 3600e9],
  ["m", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
] as const;

/** With one unit, the largest that leaves a whole number: `1500ms`, never `1m30s`. */
function durationText(nanoseconds: number): string {
  const whole = Math.round(nanoseconds);
  const unit = units.find(([, size]) => whole !== 0 && whole % size === 0);
  return unit === undefined ? `${decimal(whole)}ns` : `${decimal(whole / unit[1])}${unit[0]}`;
}
