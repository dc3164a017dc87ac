import type { Contract } from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import { derivedQueries } from "./derived.ts";
import { type SavedQueryOptions, saverOf } from "./save-query.ts";

export { threshold } from "./parameter.ts";
export { ownQueries, type QueriesOn, type SavedQueryOptions } from "./save-query.ts";

/**
 * The saved queries of a contract: its own, and those that any contract has. Where both have one of the
 * same id, its own holds.
 * @throws RangeError for a value that a query cannot be asked with, such as half a token.
 */
export function savedQueriesOf(
  contract: Contract,
  options: SavedQueryOptions = {},
): readonly SavedQuery[] {
  const save = saverOf(contract, options);
  const own = contract.savedQueries?.(save) ?? [];
  const ids = new Set(own.map(({ id }) => id));
  return [...own, ...derivedQueries(contract, save).filter(({ id }) => !ids.has(id))];
}
