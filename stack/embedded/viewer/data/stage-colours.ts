import { type Contract, childrenOf, rootOf, type SpanDefinition } from "#contract";

const hues = ["blue", "purple", "orange", "green", "yellow"] as const;
const shades = ["light-", "super-light-", "semi-dark-", "dark-"] as const;

/**
 * A colour for each stage by the name of its span, the same as on the dashboards: a hue for each child
 * of the root, and shades of it for what is below.
 */
export function stageColours(contract: Contract): ReadonlyMap<string, string> {
  const root = rootOf(contract);
  const colours = new Map<string, string>([[root.name, "text"]]);
  for (const [place, stage] of childrenOf(contract, root).entries()) {
    const hue = hues[place % hues.length] ?? "blue";
    const round = Math.floor(place / hues.length);
    for (const [depth, span] of [stage, ...below(contract, stage)].entries()) {
      const shade = depth + round === 0 ? "" : shades[(depth + round - 1) % shades.length];
      colours.set(span.name, `${shade}${hue}`);
    }
  }
  return colours;
}

/** In the order of the contract. */
function below(contract: Contract, stage: SpanDefinition): SpanDefinition[] {
  const isBelow = (span: SpanDefinition): boolean => {
    const parent = contract.spans[span.parent ?? ""];
    return parent !== undefined && (parent === stage || isBelow(parent));
  };
  return Object.values(contract.spans).filter(isBelow);
}
