import type { FieldConfig } from "./dashboard.ts";

export type FieldType = "time" | "number" | "string" | "boolean";

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

export function lengthOf(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

/** What a field is called: what its panel or a transformation says, else its datasource, else its own name. */
export function displayNameOf({ name, config }: Pick<Field, "name" | "config">): string {
  return config.displayName || config.displayNameFromDS || name;
}

export function numbersOf(field: Field): (number | null)[] {
  return field.values.map((value) => (typeof value === "number" ? value : null));
}
