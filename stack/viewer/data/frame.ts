import type { FieldConfig } from "./dashboard.ts";

type FieldType = "time" | "number" | "string" | "boolean";

/** What a cell holds: times are milliseconds since 1970. */
export type Cell = string | number | boolean | null;

/** A column: its values, and how they are shown. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly values: readonly Cell[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly config: FieldConfig;
}

/** A table, or a series with its times: what a query gives, whatever it asked. */
export interface Frame {
  readonly name?: string;
  /** Of the target that was answered with it. */
  readonly refId?: string | undefined;
  readonly fields: readonly Field[];
}

export function getLength(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

/** What a field is called: what its panel or a transformation says, else its datasource, else its own name. */
export function getDisplayName({ name, config }: Pick<Field, "name" | "config">): string {
  return config.displayName || config.displayNameFromDS || name;
}

export function toNumbers(field: Field): (number | null)[] {
  return field.values.map((value) => (typeof value === "number" ? value : null));
}

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
  sum: { label: "Total", reduce: (values) => computeSum(numbersIn(values)) },
  mean: {
    label: "Mean",
    reduce: (values) => ofNumbers(values, (numbers) => computeSum(numbers) / numbers.length),
  },
  min: { label: "Min", reduce: (values) => ofNumbers(values, (numbers) => Math.min(...numbers)) },
  max: { label: "Max", reduce: (values) => ofNumbers(values, (numbers) => Math.max(...numbers)) },
  count: { label: "Count", reduce: (values) => present(values).length },
};

/** The reducer of an id, or undefined for one that the viewer does not know. */
export function findReducer(id: string): Reducer | undefined {
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

function computeSum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
