import { type Cell, type Field, type Frame, getDisplayName, getLength } from "./frame.ts";

export interface Sorting {
  /** A column, by the name that is shown. */
  readonly name: string;
  readonly isDescending: boolean;
}

/** The numbers of a frame's rows in the order of a column; cells without a value come last. */
export function sortedRows(frame: Frame, sorting: Sorting | undefined): number[] {
  const rows = Array.from({ length: getLength(frame) }, (_, row) => row);
  const field = frame.fields.find((candidate) => getDisplayName(candidate) === sorting?.name);
  if (sorting === undefined || field === undefined) {
    return rows;
  }
  const direction = sorting.isDescending ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a = null, b = null] = [field.values[one], field.values[other]];
    return a === null || b === null ? missingLast(a, b) : direction * compared(a, b);
  });
}

function missingLast(one: Cell, other: Cell): number {
  return Number(one === null) - Number(other === null);
}

function compared(one: Exclude<Cell, null>, other: Exclude<Cell, null>): number {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : String(one).localeCompare(String(other), "en", { numeric: true });
}

/** Whether a column is for links and other panels alone. */
export function isHidden({ config }: Field): boolean {
  const { hideFrom, hidden } = (config.custom ?? {}) as {
    hideFrom?: { viz?: boolean };
    hidden?: boolean;
  };
  return hideFrom?.viz === true || hidden === true;
}
