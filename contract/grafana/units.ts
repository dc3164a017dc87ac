import { type Contract, listRootSpans } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";

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

const nanoseconds: ReadonlyMap<string | undefined, number> = new Map([
  ["ns", 1],
  ["us", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
  ["min", 60e9],
  ["h", 3600e9],
]);

/** `short` for what is counted: 1.2 K. */
export function grafanaUnit(unit: string | undefined): string {
  return grafanaUnits[unit ?? ""] ?? "short";
}

export function isDuration(unit: string | undefined): boolean {
  return nanoseconds.has(unit);
}

/** The same amount in another unit. @throws RangeError for a unit that is not of the same kind. */
export function toUnit(value: number, from: string | undefined, to: string | undefined): number {
  const [given, wanted] = [nanoseconds.get(from), nanoseconds.get(to)];
  if (given !== undefined && wanted !== undefined) {
    return (value * given) / wanted;
  }
  if (from !== to) {
    throw new RangeError(`${from} cannot be told in ${to}.`);
  }
  return value;
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

/** Grafana's hues but red, which is for what went wrong. */
const hues = ["blue", "purple", "orange", "green", "yellow"] as const;
const shades = ["light-", "super-light-", "semi-dark-", "dark-"] as const;

/**
 * One colour a stage: a hue for each child of the root, and shades of it for what is below. Where there are
 * several kinds of requests, each has a hue too.
 */
export function stageColour(contract: Contract, stage: SpanDefinition): string {
  const roots = listRootSpans(contract);
  const kinds = roots.length === 1 ? 0 : roots.length;
  if (stage.parent === null) {
    return kinds === 0 ? "text" : (hues[roots.indexOf(stage) % hues.length] ?? "text");
  }
  const top = getTopStage(contract, stage);
  const tops = Object.values(contract.spans).filter(
    (other) => other.parent !== null && getTopStage(contract, other) === other,
  );
  const place = tops.indexOf(top) + kinds;
  const hue = hues[place % hues.length];
  const below = Object.values(contract.spans).filter(
    (other) => other !== top && other.parent !== null && getTopStage(contract, other) === top,
  );
  const depth = below.indexOf(stage) + 1 + Math.floor(place / hues.length);
  return `${depth === 0 ? "" : shades[(depth - 1) % shades.length]}${hue}`;
}

/** The child of a root that a stage is, or is below. */
function getTopStage(contract: Contract, stage: SpanDefinition): SpanDefinition {
  const parent = contract.spans[stage.parent ?? ""];
  return parent === undefined || parent.parent === null ? stage : getTopStage(contract, parent);
}
