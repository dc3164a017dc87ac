import { type Contract, rootOf } from "../define/contract.ts";
import type { SearchQuery } from "../traceql/search-query.ts";
import type { Spanset } from "../traceql/spanset.ts";

/** With what the root says about its request, without what says the same of every one. */
export function withRootColumns(contract: Contract, found: Spanset): SearchQuery {
  const [first, ...others] = Object.entries(rootOf(contract).attributes)
    .filter(([, { values }]) => values?.length !== 1)
    .map(([identifier]) => identifier);
  return first === undefined ? found : found.select(first, ...others);
}
