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
export function parseDuration(text: string): bigint | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return bigintOf(Number(text) * 1e9);
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    total += Number(count) * (nanosecondsPerUnit[unit ?? ""] ?? 0);
  }
  return bigintOf(total);
}

function bigintOf(nanoseconds: number): bigint | undefined {
  return nanoseconds < 2 ** 63 ? BigInt(Math.round(nanoseconds)) : undefined;
}
