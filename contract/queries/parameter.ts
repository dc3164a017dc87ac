import type { QueryParameter } from "../define/saved-query.ts";

/** A number that a saved query compares with. */
export function threshold(
  value: number,
  description: { readonly meaning: string; readonly unit: string },
): QueryParameter<number> {
  return { ...description, default: value };
}
