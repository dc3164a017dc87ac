/** Grafana's names of units, from those of the contract, which are UCUM's. */
const grafanaUnits: Readonly<Record<string, string>> = {
  ns: "ns",
  us: "µs",
  ms: "ms",
  s: "s",
  min: "m",
  h: "h",
  By: "bytes",
  "%": "percent",
};

const durations: ReadonlySet<string> = new Set(["ns", "us", "ms", "s", "min", "h"]);

/** `short` for what is counted: 1.2 K. */
export function grafanaUnit(unit: string | undefined): string {
  return grafanaUnits[unit ?? ""] ?? "short";
}

export function isDuration(unit: string | undefined): boolean {
  return durations.has(unit ?? "");
}

/** What is counted, in the plural: `tokens` of `{token}`, or nothing. */
export function countedThings(unit: string | undefined): string | undefined {
  const thing = /^\{(\w+)\}$/.exec(unit ?? "")?.[1];
  return thing === undefined || thing === "count" ? undefined : `${thing}s`;
}

/** What a person calls the unit, where it has a name: `tokens`, `µs`. */
export function unitWords(unit: string | undefined): string | undefined {
  return countedThings(unit) ?? grafanaUnits[unit ?? ""];
}
