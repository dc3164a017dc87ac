/** What is wrong with a request's parameters: all of it, a sentence each. */
export class ParameterError extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "ParameterError";
  }
}

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** Reads parameters and gathers what is wrong with them; `finish` reports it. */
export class Parameters {
  readonly #search: URLSearchParams;
  readonly #faults: string[] = [];

  constructor(search: URLSearchParams) {
    this.#search = search;
  }

  /** @throws ParameterError when any of the parameters read so far is wrong. */
  finish(): void {
    if (this.#faults.length > 0) {
      throw new ParameterError(this.#faults);
    }
  }

  fault(sentence: string): void {
    this.#faults.push(sentence);
  }

  text(name: string): string | null {
    const value = this.#search.get(name);
    return value === null || value.trim() === "" ? null : value;
  }

  /** A whole number from `least` to `most`. */
  count(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    const value = text === null ? fallback : Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      this.fault(`invalid ${name}: must be a whole number from ${least} to ${most}`);
      return fallback;
    }
    return value;
  }

  /** A time in nanoseconds: Unix seconds, milli-, micro- or nanoseconds by their size, or RFC 3339. */
  timeNs(name: string): bigint | null {
    const text = this.text(name);
    if (text === null) {
      return null;
    }
    const time = /^\d+$/.test(text) ? scaled(BigInt(text)) : parsedTime(text);
    if (time === undefined) {
      this.fault(`invalid ${name}: must be Unix seconds or nanoseconds, or a time as in RFC 3339`);
    }
    return time ?? null;
  }

  /** A duration in nanoseconds: `15s`, `1m30s`, or seconds. */
  durationNs(name: string): bigint | null {
    const text = this.text(name);
    if (text === null) {
      return null;
    }
    const duration = parsedDuration(text);
    if (duration === undefined || duration <= 0) {
      this.fault(`invalid ${name}: must be a duration above zero such as 15s, or seconds`);
      return null;
    }
    return BigInt(Math.round(duration));
  }
}

function scaled(time: bigint): bigint {
  const digits = String(time).length;
  if (digits <= 11) {
    return time * 1_000_000_000n;
  }
  return digits <= 14 ? time * 1_000_000n : digits <= 17 ? time * 1000n : time;
}

function parsedTime(text: string): bigint | undefined {
  if (/^\d+\.\d+$/.test(text)) {
    return BigInt(Math.round(Number(text) * 1e6)) * 1000n;
  }
  const milliseconds = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1_000_000n;
}

function parsedDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return Number(text) * 1e9;
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    total += Number(count) * (nanosecondsPerUnit[unit ?? ""] ?? 0);
  }
  return total;
}
