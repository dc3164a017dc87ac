import type { Cell } from "./frame.ts";

interface Reducer {
  /** How Grafana calls the column of its result. */
  readonly label: string;
  readonly reduce: (values: readonly Cell[]) => Cell;
}

const reducers: Readonly<Record<string, Reducer>> = {
  lastNotNull: { label: "Last *", reduce: (values) => last(present(values)) },
  last: { label: "Last", reduce: last },
  firstNotNull: { label: "First *", reduce: (values) => present(values)[0] ?? null },
  first: { label: "First", reduce: (values) => values[0] ?? null },
  // Of nothing there is a sum, and no mean.
  sum: { label: "Total", reduce: (values) => sumOf(numbersIn(values)) },
  mean: {
    label: "Mean",
    reduce: (values) => ofNumbers(values, (numbers) => sumOf(numbers) / numbers.length),
  },
  min: { label: "Min", reduce: (values) => ofNumbers(values, (numbers) => Math.min(...numbers)) },
  max: { label: "Max", reduce: (values) => ofNumbers(values, (numbers) => Math.max(...numbers)) },
  count: { label: "Count", reduce: (values) => present(values).length },
};

/** The reducer of an id, or undefined for one that the viewer does not know. */
export function reducerOf(id: string): Reducer | undefined {
  return Object.hasOwn(reducers, id) ? reducers[id] : undefined;
}

function present(values: readonly Cell[]): Cell[] {
  return values.filter((value) => value !== null);
}

function last(values: readonly Cell[]): Cell {
  return values.at(-1) ?? null;
}

function ofNumbers(values: readonly Cell[], reduce: (numbers: number[]) => number): Cell {
  const numbers = numbersIn(values);
  return numbers.length === 0 ? null : reduce(numbers);
}

function numbersIn(values: readonly Cell[]): number[] {
  return values.filter((value) => typeof value === "number");
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
