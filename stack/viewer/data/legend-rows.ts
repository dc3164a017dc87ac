import { reducerOf } from "./reducers.ts";
import type { Series } from "./series.ts";

interface LegendRow {
  readonly series: Series;
  /** One for each column. */
  readonly values: readonly (number | null)[];
}

interface Sorting {
  readonly sortBy: string | undefined;
  readonly sortDesc: boolean;
}

/** What a legend says of each series beside its name, sorted by one of its columns. */
export function legendRows(
  series: readonly Series[],
  calculations: readonly string[],
  { sortBy, sortDesc }: Sorting,
): { readonly columns: readonly string[]; readonly rows: readonly LegendRow[] } {
  const reducers = calculations.flatMap((id) => reducerOf(id) ?? []);
  const columns = reducers.map(({ label }) => label);
  const rows = series.map((one) => ({
    series: one,
    values: reducers.map(({ reduce }) => {
      const value = reduce(one.values);
      return typeof value === "number" ? value : null;
    }),
  }));
  const column = columns.indexOf(sortBy ?? "");
  const sortedBy = ({ values }: LegendRow) => values[column] ?? 0;
  const sign = sortDesc ? -1 : 1;
  return {
    columns,
    rows: rows.toSorted((one, other) => sign * (sortedBy(one) - sortedBy(other))),
  };
}
