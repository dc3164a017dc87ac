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
  readonly fields: readonly Field[];
}

export function lengthOf(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

/**
 * What a field is called: what its panel says, else the frame's name for the one value of a series,
 * else its own.
 */
export function displayNameOf(frame: Frame, field: Field): string {
  if (field.config.displayName !== undefined && field.config.displayName !== "") {
    return field.config.displayName;
  }
  return ownNameOf(frame, field);
}

/** The name without what a panel's configuration makes of it: overrides match this. */
export function ownNameOf(frame: Frame, field: Field): string {
  const isSeries = frame.fields.some(({ type }) => type === "time") && frame.fields.length === 2;
  return field.type !== "time" && isSeries && frame.name !== undefined ? frame.name : field.name;
}

export function numbersOf(field: Field): (number | null)[] {
  return field.values.map((value) => (typeof value === "number" ? value : null));
}
