import type { TransformationJson } from "./dashboard.ts";
import { type Field, type Frame, ownNameOf } from "./frame.ts";
import { reducerOf } from "./reducers.ts";

export interface Transformed {
  readonly frames: readonly Frame[];
  /** What of the transformations the viewer does not know, a sentence each. */
  readonly unknown: readonly string[];
}

/** Transforms frames as a panel says, one transformation after the other. */
export function transform(
  frames: readonly Frame[],
  transformations: readonly TransformationJson[] = [],
): Transformed {
  const unknown: string[] = [];
  let transformed = frames;
  for (const { id, disabled, options = {} } of transformations) {
    if (disabled === true) {
      continue;
    }
    const ids = Array.isArray(options.reducers) ? options.reducers.map(String) : [];
    const missing = ids.filter((reducer) => reducerOf(reducer) === undefined);
    const isFields = options.mode === "reduceFields";
    if (id === "reduce" && missing.length === 0 && !isFields) {
      transformed = reduceToRows(transformed, ids.length === 0 ? ["max"] : ids);
    } else {
      const what = missing.length > 0 ? ` by ${missing.join(", ")}` : isFields ? " of fields" : "";
      unknown.push(`The transformation ${id}${what} is left out here.`);
    }
  }
  return { frames: transformed, unknown };
}

/** One frame with a row a field: its name, and a column for what each reducer makes of it. */
function reduceToRows(frames: readonly Frame[], ids: readonly string[]): Frame[] {
  const reduced = frames.flatMap((frame) =>
    frame.fields.filter(({ type }) => type !== "time").map((field) => ({ frame, field })),
  );
  if (reduced.length === 0) {
    return [];
  }
  const names: Field = {
    name: "Field",
    type: "string",
    values: reduced.map(({ frame, field }) => ownNameOf(frame, field)),
    config: {},
  };
  const columns = ids.flatMap((id): Field[] => {
    const reducer = reducerOf(id);
    if (reducer === undefined) {
      return [];
    }
    const values = reduced.map(({ field }) => reducer.reduce(field.values));
    const isNumber = values.every((value) => value === null || typeof value === "number");
    return [{ name: reducer.label, type: isNumber ? "number" : "string", values, config: {} }];
  });
  return [{ fields: [names, ...columns] }];
}
