import type { Theme } from "./colours.ts";
import type { PanelJson } from "./dashboard.ts";
import { createDisplay, type Display } from "./display.ts";
import { parsePattern } from "./field-config.ts";
import { type Cell, type Field, type Frame, findReducer, getDisplayName } from "./frame.ts";

/** A number that a stat or a bar gauge shows, of a field's values or of one row. */
export interface FieldValue {
  readonly name: string;
  readonly value: Cell;
  readonly display: Display;
  /** What it is made of; undefined when nothing was found. */
  readonly source:
    | { readonly frame: Frame; readonly field: Field; readonly row: number }
    | undefined;
}

interface ReduceOptions {
  readonly calcs?: readonly string[];
  /** A number for each row. */
  readonly values?: boolean;
  readonly limit?: number;
  /** A pattern of names, or empty for all numbers. */
  readonly fields?: string;
}

const rowsAtMost = 25;

/** The numbers of a panel, at least one: that nothing was found is said in its place. */
export function fieldValues(
  { options, fieldConfig }: Pick<PanelJson, "options" | "fieldConfig">,
  frames: readonly Frame[],
  theme: Theme,
): FieldValue[] {
  const { calcs = [], values, limit = rowsAtMost, fields } = readReduceOptions(options);
  const found = frames.flatMap((frame) =>
    frame.fields.filter(createMatcher(fields)).flatMap((field): FieldValue[] => {
      if (values === true) {
        return field.values.map((value, row) => ({
          ...shownAs(field, value),
          name: getRowName(frame, field, row),
          source: { frame, field, row },
        }));
      }
      return (calcs.length === 0 ? ["last"] : calcs).map((calculation) => ({
        ...shownAs(field, findReducer(calculation)?.reduce(field.values) ?? null),
        source: { frame, field, row: 0 },
      }));
    }),
  );
  const shown = values === true ? found.slice(0, limit) : found;
  return shown.length > 0 ? shown : [nothing()];

  function shownAs(field: Field, value: Cell) {
    return { name: getDisplayName(field), value, display: createDisplay(value, field, theme) };
  }
  function nothing(): FieldValue {
    const { defaults: config = {} } = fieldConfig ?? {};
    const display = createDisplay(null, { type: "number", config }, theme);
    const name = "No data";
    return {
      name,
      value: null,
      display: { ...display, text: display.text || name },
      source: undefined,
    };
  }
}

function readReduceOptions(options: PanelJson["options"]): ReduceOptions {
  return (options?.reduceOptions ?? {}) as ReduceOptions;
}

function createMatcher(fields: string | undefined): (field: Field) => boolean {
  const pattern = fields ? parsePattern(fields) : undefined;
  return pattern === undefined
    ? ({ type }) => type === "number"
    : (field) => pattern.test(getDisplayName(field));
}

/** A row is called by its texts; of several numbers, each by its own name as well. */
function getRowName({ fields }: Frame, field: Field, row: number): string {
  if (field.config.displayName) {
    return field.config.displayName;
  }
  const others = fields.filter((other) => other !== field);
  const texts = others
    .filter(({ type }) => type === "string")
    .map((other) => createDisplay(other.values[row] ?? "", other, "dark").text)
    .filter((text) => text !== "");
  const isOneOfSeveral = others.some(({ type }) => type === "number");
  return [...texts, ...(isOneOfSeveral || texts.length === 0 ? [getDisplayName(field)] : [])].join(
    " ",
  );
}
