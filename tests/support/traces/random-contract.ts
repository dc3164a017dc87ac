/** For tests: contracts of services that nobody wrote. */
import fc from "fast-check";
import {
  type Attribute,
  boolean,
  type Contract,
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  double,
  int,
  type Outcome,
  oneOf,
  span,
  string,
} from "#contract";
import { type Draw, pick, shuffled, some } from "./draw.ts";

const brief = "It means something.";
const words = ["cart", "order", "page", "risk", "stock", "mail", "bank", "route", "cache", "label"];
const kinds = ["internal", "server", "client", "producer", "consumer"] as const;
const patterns = [
  /[0-9a-f]{16}/,
  /\d{4}/,
  /[a-z_]{1,9}/,
  /(in|out)-\d{3,5}/,
  /[A-Z][a-z]{2} [a-z]+/,
];

/** A contract with one root and a few stages, samples among them, with outcomes or without. */
export function drawContract(draw: Draw): Contract {
  const names = shuffled(draw, words);
  const stages = drawStages(draw);
  const isRejectable = stages.some(
    ({ parent, presence }) => parent === stages[0]?.word && presence === "always",
  );
  const outcomes = draw(fc.boolean) ? drawOutcomes(draw, isRejectable) : undefined;
  const drawn = names.slice(0, 6).map((word) => [word, drawAttribute(draw, `shop.${word}`)]);
  const attributes = defineAttributes({
    ...Object.fromEntries(drawn),
    ...(outcomes === undefined
      ? {}
      : { how: oneOf("shop.how.outcome", Object.keys(outcomes) as [string], { brief }) }),
  });
  const identifiers = Object.keys(attributes).filter((identifier) => identifier !== "how");
  const spans = stages.map(({ word, parent, presence }, index) => {
    const groups = dealOut(draw, some(draw, identifiers));
    const atEnd = index === 0 && outcomes ? [...groups.atEnd, "how"] : groups.atEnd;
    const described = { brief, parent, kind: pick(draw, kinds), presence, ...groups, atEnd };
    return [word, span(`${word}.${pick(draw, ["do", "make", "find"])}`, described as never)];
  });
  return defineContract({
    tracerName: "shop.tracer",
    resource: defineResource({
      attributes: defineAttributes({
        service: string("service.name", { brief, examples: ["stall"] }),
        region: oneOf("cloud.region", ["north", "south"], { brief }),
      }),
      serviceName: "service",
      defaults: { service: "stall" },
    }),
    attributes,
    spans: defineSpanTree(attributes, Object.fromEntries(spans)),
    logEvents: {},
    invariants: [],
    ...(outcomes === undefined ? {} : { outcomes: { attribute: "how", byName: outcomes } }),
  } as never);
}

function drawStages(draw: Draw) {
  const names = shuffled(draw, words).slice(0, 1 + draw(fc.nat, { max: 5 }));
  return names.map((word, index) => ({
    word,
    parent: index === 0 ? null : pick(draw, names.slice(0, index)),
    presence: index === 0 ? "always" : pick(draw, ["always", "always", "optional", "sampled"]),
  }));
}

function drawAttribute(draw: Draw, key: string): Attribute {
  const described = { brief, examples: [1] as const };
  switch (draw(fc.nat, { max: 6 })) {
    case 0:
      return int(`${key}.count`, { ...described, min: 0 });
    case 1:
      return int(key, described);
    case 2:
      return double(`${key}_ms`, { ...described, unit: "ms", min: 0 });
    case 3:
      return boolean(key, { brief });
    case 4:
      return oneOf(key, ["one", "two", "three"], { brief });
    case 5:
      return string(`${key}.note`, { brief, examples: ["any"] });
    default:
      return string(`${key}.id`, { brief, pattern: pick(draw, patterns), examples: [] as never });
  }
}

function dealOut(draw: Draw, identifiers: readonly string[]) {
  const groups = { atStart: [], atEnd: [], onSuccess: [], optional: [] } as Record<
    string,
    string[]
  >;
  for (const identifier of identifiers) {
    groups[pick(draw, Object.keys(groups))]?.push(identifier);
  }
  return groups as Record<"atStart" | "atEnd" | "onSuccess" | "optional", string[]>;
}

function drawOutcomes(draw: Draw, isRejectable: boolean): Record<string, Outcome> {
  const others = {
    // Before its first stage no request is told from one without stages.
    ...(isRejectable ? { refused: { brief, tree: "rejected", rootStatus: "unset" } as const } : {}),
    broken: { brief, tree: "failed", rootStatus: "error" },
    left: { brief, tree: "interrupted", rootStatus: pick(draw, ["unset", "error"]) },
  } as const;
  return {
    done: { brief, tree: "complete", rootStatus: "unset" },
    ...Object.fromEntries(some(draw, Object.entries(others))),
  };
}
