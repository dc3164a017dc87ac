import type { Contract } from "../define/contract.ts";
import { DefinitionError } from "../define/definition-error.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import { maxQueryCharacters } from "../limits.ts";
import { createQuerySaver, type SavedQueryOptions } from "./define-saved-query.ts";
import { derivedQueries } from "./derived.ts";

export {
  type SavedQueryGroup,
  type SavedQueryOptions,
  serviceQueries,
  threshold,
} from "./define-saved-query.ts";

/**
 * The saved queries of a contract: its own, and those that any contract has. Where both have one of the
 * same id, its own holds.
 * @throws RangeError for a value that a query cannot be asked with, such as half a token.
 * @throws DefinitionError for queries that are too long for Tempo.
 */
export function createSavedQueries(
  contract: Contract,
  options: SavedQueryOptions = {},
): readonly SavedQuery[] {
  const save = createQuerySaver(contract, options);
  const own = contract.savedQueries?.(save) ?? [];
  const ids = new Set(own.map(({ id }) => id));
  const all = [...own, ...derivedQueries(contract, save).filter(({ id }) => !ids.has(id))];
  DefinitionError.throwIfAny("saved queries", all.flatMap(listLengthFaults));
  return all;
}

function listLengthFaults({ id, newest, count, total }: SavedQuery): string[] {
  return [newest, count ?? "", total ?? ""]
    .filter((text) => text.length > maxQueryCharacters)
    .map((text) => `${id} has ${text.length} characters, and Tempo reads ${maxQueryCharacters}`);
}
