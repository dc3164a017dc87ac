import type { TransformationJson } from "./dashboard.ts";
import { parsePattern } from "./field-config.ts";
import { type Field, type Frame, findReducer, getDisplayName } from "./frame.ts";

export interface Transformed {
  readonly frames: readonly Frame[];
  /** What of the transformations the viewer does not know, a sentence each. */
  readonly unknown: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

/** Frames as a transformation makes them, or what of it the viewer does not know. */
type Transformation = (frames: readonly Frame[], options: Options) => readonly Frame[] | string;

const transformations: Readonly<Record<string, Transformation>> = {
  reduce: (frames, { reducers, mode }) => {
    const ids = Array.isArray(reducers) ? reducers.map(String) : ["max"];
    const missing = ids.filter((reducer) => findReducer(reducer) === undefined);
    if (missing.length > 0) {
      return `reduce by ${missing.join(", ")}`;
    }
    return mode === "reduceFields" ? "reduce of fields" : reduceToRows(frames, ids);
  },
  renameByRegex: (frames, { regex = "(.*)", renamePattern = "$1" }) => {
    const pattern = parsePattern(String(regex));
    if (pattern === undefined) {
      return `renameByRegex by ${regex}`;
    }
    return renamed(frames, (name) => name.replace(pattern, String(renamePattern)));
  },
  organize: (frames, options) => {
    const {
      excludeByName = {},
      includeByName = {},
      indexByName = {},
      renameByName = {},
    } = options as Partial<Record<string, Options>>;
    if (options.orderByMode === "auto") {
      return "organize by itself";
    }
    const isAmong = (names: Options, field: Field) =>
      names[field.name] === true || names[getDisplayName(field)] === true;
    const includesAll = !Object.values(includeByName).includes(true);
    const kept = frames.map((frame) => {
      const fields = frame.fields.filter(
        (field) => !isAmong(excludeByName, field) && (includesAll || isAmong(includeByName, field)),
      );
      return { ...frame, fields: fields.toSorted((one, other) => getPlace(one) - getPlace(other)) };
    });
    const filled = kept.filter(({ fields }) => fields.length > 0);
    return renamed(filled, (name) => String(renameByName[name] ?? "") || undefined);

    function getPlace(field: Field): number {
      const place = indexByName[getDisplayName(field)];
      return Number.isInteger(place) ? Number(place) : Number.MAX_SAFE_INTEGER;
    }
  },
};

/** Transforms frames as a panel says, one transformation after the other. */
export function transform(
  frames: readonly Frame[],
  list: readonly TransformationJson[] = [],
): Transformed {
  const unknown: string[] = [];
  let transformed = frames;
  for (const { id, disabled, options = {} } of list) {
    if (disabled === true) {
      continue;
    }
    const known = Object.hasOwn(transformations, id) ? transformations[id] : undefined;
    const result = known?.(transformed, options) ?? id;
    if (typeof result === "string") {
      unknown.push(`The transformation ${result} is left out here.`);
    } else {
      transformed = result;
    }
  }
  return { frames: transformed, unknown };
}

/** With the names that fields are given, which beat that of their datasource. */
function renamed(
  frames: readonly Frame[],
  newName: (name: string) => string | undefined,
): readonly Frame[] {
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const displayName = newName(getDisplayName(field));
      return displayName === undefined
        ? field
        : { ...field, config: { ...field.config, displayName } };
    }),
  }));
}

/** One frame with a row a field: its name, and a column for what each reducer makes of it. */
function reduceToRows(frames: readonly Frame[], ids: readonly string[]): Frame[] {
  const reduced = frames.flatMap((frame) => frame.fields.filter(({ type }) => type !== "time"));
  if (reduced.length === 0) {
    return [];
  }
  const names: Field = {
    name: "Field",
    type: "string",
    values: reduced.map(getDisplayName),
    config: {},
  };
  const columns = ids.flatMap((id): Field[] => {
    const reducer = findReducer(id);
    if (reducer === undefined) {
      return [];
    }
    const values = reduced.map((field) => reducer.reduce(field.values));
    const isNumber = values.every((value) => value === null || typeof value === "number");
    return [{ name: reducer.label, type: isNumber ? "number" : "string", values, config: {} }];
  });
  return [{ fields: [names, ...columns] }];
}
