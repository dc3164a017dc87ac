import { ReadError } from "./read-error.ts";

/** Reads parameters and gathers what is wrong with them; `finish` reports it. */
export class Parameters {
  readonly #search: URLSearchParams;
  readonly #faults: string[] = [];

  constructor(search: URLSearchParams) {
    this.#search = search;
  }

  /** @throws ReadError `parameters_invalid` when any of the parameters read so far is wrong. */
  finish(): void {
    if (this.#faults.length > 0) {
      throw new ReadError("parameters_invalid", { faults: this.#faults.join("\n") });
    }
  }

  fault(sentence: string): void {
    this.#faults.push(sentence);
  }

  text(name: string): string | null {
    const value = this.#search.get(name);
    return value === null || value.trim() === "" ? null : value;
  }

  /** A query: none when it is empty, but blanks are a query, and no good one. */
  query(name: string): string | null {
    return this.#search.get(name) || null;
  }

  /** A whole number from `least` to `most`. */
  count(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    const value = text === null ? fallback : wholeNumber(text);
    if (value === undefined || value < least || value > most) {
      this.fault(`invalid ${name}: must be a whole number from ${least} to ${most}`);
      return fallback;
    }
    return value;
  }

  /** A whole number from 0 on. Of one that asks for more than there can be, so many are meant. */
  countUpTo(name: string, most: number): number {
    const text = this.text(name);
    const value = text === null ? 0 : wholeNumber(text);
    if (value === undefined) {
      this.fault(`invalid ${name}: must be a whole number from 0 on`);
      return 0;
    }
    return Math.min(value, most);
  }

  /** A time in nanoseconds: Unix seconds, milli-, micro- or nanoseconds by their size, or RFC 3339. */
  timeNs(name: string): bigint | null {
    const text = this.text(name);
    if (text === null) {
      return null;
    }
    const time = /^\d+$/.test(text) ? scaled(BigInt(text)) : parsedTime(text);
    if (time === undefined || time > latestNs) {
      this.fault(`invalid ${name}: must be Unix seconds or nanoseconds, or a time as in RFC 3339`);
      return null;
    }
    return time;
  }

  /** A duration above zero in nanoseconds: `15s`, `1m30s`, or seconds. */
  durationNs(name: string): bigint | null {
    const text = this.text(name);
    if (text === null) {
      return null;
    }
    const duration = parseDuration(text);
    if (duration === undefined || duration <= 0n) {
      this.fault(`invalid ${name}: must be a duration above zero such as 15s, or seconds`);
      return null;
    }
    return duration;
  }

  /** The same, where zero is as good as nothing. */
  boundNs(name: string): bigint | null {
    const text = this.text(name);
    return text !== null && parseDuration(text) === 0n ? null : this.durationNs(name);
  }
}

function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Times are 64 bits wide in the store. */
const latestNs = 2n ** 63n - 1n;

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

/** `15s`, `1m30s` or a number of seconds in nanoseconds; undefined for anything else. */
function parseDuration(text: string): bigint | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return toBigint(Number(text) * 1e9);
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    total += Number(count) * (nanosecondsPerUnit[unit ?? ""] ?? 0);
  }
  return toBigint(total);
}

function toBigint(nanoseconds: number): bigint | undefined {
  return nanoseconds < 2 ** 63 ? BigInt(Math.round(nanoseconds)) : undefined;
}

export interface TimeRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

const hourNs = 3_600_000_000_000n;

/** The range of a search or of tags: all that is stored when start and end are not given, or both 0. */
export function readSearchRange(
  parameters: Parameters,
  longestHours: number,
): TimeRange | { readonly startNs: null; readonly endNs: null } {
  const everything = { startNs: null, endNs: null };
  if (parameters.text("start") === null && parameters.text("end") === null) {
    return everything;
  }
  const startNs = parameters.timeNs("start");
  const endNs = parameters.timeNs("end");
  if (parameters.text("start") === null || parameters.text("end") === null) {
    parameters.fault("invalid range: give both start and end, or neither");
  }
  if (startNs === null || endNs === null || (startNs === 0n && endNs === 0n)) {
    return everything;
  }
  if (startNs > endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  checkLength(parameters, { startNs, endNs }, longestHours);
  return { startNs, endNs };
}

/** The range of a metrics query: the last hour unless something else is given. */
export function readMetricsRange(parameters: Parameters, longestHours: number): TimeRange {
  const endNs = parameters.timeNs("end") ?? BigInt(Date.now()) * 1_000_000n;
  const startNs = parameters.timeNs("start") ?? endNs - (parameters.boundNs("since") ?? hourNs);
  if (startNs > endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  checkLength(parameters, { startNs, endNs }, longestHours);
  return { startNs, endNs };
}

function checkLength(
  parameters: Parameters,
  { startNs, endNs }: TimeRange,
  longestHours: number,
): void {
  if (endNs - startNs > BigInt(longestHours) * hourNs) {
    parameters.fault(`invalid range: from start to end it may be ${longestHours} h at most`);
  }
}
