import { type Contract, childrenOf, rootOf } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";

/** Grafana's hues but red, which is for what went wrong. */
const hues = ["blue", "purple", "orange", "green", "yellow"] as const;
const shades = ["light-", "super-light-", "semi-dark-", "dark-"] as const;

/** One colour a stage: a hue for each child of the root, and shades of it for what is below. */
export function stageColour(contract: Contract, stage: SpanDefinition): string {
  const root = rootOf(contract);
  if (stage.identifier === root.identifier) {
    return "text";
  }
  const top = topOf(contract, stage);
  const place = childrenOf(contract, root).indexOf(top);
  const hue = hues[place % hues.length];
  const below = Object.values(contract.spans).filter(
    (other) => other !== top && other !== root && topOf(contract, other) === top,
  );
  const depth = below.indexOf(stage) + 1 + Math.floor(place / hues.length);
  return `${depth === 0 ? "" : shades[(depth - 1) % shades.length]}${hue}`;
}

/** The child of the root that a stage is, or is below. */
function topOf(contract: Contract, stage: SpanDefinition): SpanDefinition {
  const parent = contract.spans[stage.parent ?? ""];
  return parent === undefined || parent.parent === null ? stage : topOf(contract, parent);
}
