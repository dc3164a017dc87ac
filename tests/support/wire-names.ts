import type { Contract } from "#contract";

/** For tests: one name on the wire: of an attribute, a span, a metric or an attribute of the resource. */
export interface WireName {
  readonly kind: "attribute" | "span" | "metric" | "resource attribute";
  readonly identifier: string;
  readonly name: string;
}

/** Every name that a contract gives to what is on a span or a metric. */
export function listWireNames({ attributes, spans, metrics = {}, resource }: Contract): WireName[] {
  const attributeNames = (kind: WireName["kind"], record: Contract["attributes"]) =>
    Object.entries(record).map(([identifier, { key }]) => ({ kind, identifier, name: key }));
  return [
    ...attributeNames("attribute", attributes),
    ...Object.values(spans).map(({ identifier, name }) => ({
      kind: "span" as const,
      identifier,
      name,
    })),
    ...Object.values(metrics).map(({ identifier, name }) => ({
      kind: "metric" as const,
      identifier,
      name,
    })),
    ...attributeNames("resource attribute", {
      ...resource.attributes,
      ...(resource.instance === undefined ? {} : { instance: resource.instance }),
    }),
  ];
}

/**
 * The contract with one name on the wire changed and nothing else, as one edit in its source would
 * have it: identifiers and prose stay as they are.
 */
export function withWireName<Given extends Contract>(
  contract: Given,
  before: string,
  now: string,
): Given {
  return renamedIn(contract, undefined, before, now) as Given;
}

/** The members under which a name stands; an example may be the name of a span. */
const nameMembers = ["key", "name", "examples"];

function renamedIn(
  value: unknown,
  member: string | undefined,
  before: string,
  now: string,
): unknown {
  if (typeof value === "string") {
    return value === before && member !== undefined && nameMembers.includes(member) ? now : value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => renamedIn(item, member, before, now));
  }
  if (typeof value !== "object" || value === null || value instanceof RegExp) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, renamedIn(inner, key, before, now)]),
  );
}
