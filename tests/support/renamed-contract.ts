import type { Contract } from "#contract";

type Keyed = Readonly<Record<string, { readonly key: string }>>;

/** For tests: the contract with other names on the wire for the attributes of its spans. */
export function renamedContract<Given extends Contract>(
  contract: Given,
  nameOf: (identifier: string, key: string) => string,
): Given {
  const rename = (attributes: Keyed) =>
    Object.fromEntries(
      Object.entries(attributes).map(([identifier, definition]) => [
        identifier,
        { ...definition, key: nameOf(identifier, definition.key) },
      ]),
    );
  const spans = Object.entries(contract.spans).map(([identifier, definition]) => [
    identifier,
    { ...definition, attributes: rename(definition.attributes) },
  ]);
  return {
    ...contract,
    attributes: rename(contract.attributes),
    spans: Object.fromEntries(spans),
  };
}
