import {
  miniserve,
  nearestTo,
  type ParameterValues,
  type SavedQuery,
  savedQueriesOf,
} from "#contract";
import { StackError } from "../../stack/index.ts";
import { unusable } from "./arguments.ts";

/** Whether an argument is meant as the id of a saved query: TraceQL begins with a brace. */
export function isQueryId(text: string): boolean {
  return /^\w[\w-]*$/.test(text);
}

/**
 * The saved query with an id, printed with the values given as `NAME=VALUE`.
 * @throws StackError `query_unknown` with the nearest id, or `usage_invalid` for a value.
 */
export function chooseSavedQuery(id: string, settings: readonly string[]): SavedQuery {
  const byDefault = savedQueriesOf(miniserve);
  const query = byDefault.find((candidate) => candidate.id === id);
  if (query === undefined) {
    const nearest = nearestTo(
      id,
      byDefault.map((candidate) => candidate.id),
    );
    throw new StackError({
      code: "query_unknown",
      seen: `There is no saved query ${id}.`,
      action: `Did you mean ${nearest}? npm run query -- --list shows all.`,
      exitCode: 2,
    });
  }
  const values = readValues(query, settings);
  for (const [name, { isRequired, default: example, meaning }] of Object.entries(
    query.parameters,
  )) {
    if (isRequired === true && values[name] === undefined) {
      throw unusable(
        `${id} cannot be asked without ${name}.`,
        `${meaning} Give it: --set ${name}=${example}`,
      );
    }
  }
  return printedWith(id, values);
}

/** Every saved query. Only what each has, such as the service, may be set. */
export function chooseAll(settings: readonly string[]): readonly SavedQuery[] {
  const byDefault = savedQueriesOf(miniserve);
  const [first, ...others] = byDefault;
  const shared = Object.entries(first?.parameters ?? {}).filter(([name]) =>
    others.every(({ parameters }) => name in parameters),
  );
  const values = readValues({ id: "--all", parameters: Object.fromEntries(shared) }, settings);
  return savedQueriesOf(miniserve, { values });
}

function readValues(
  { id, parameters }: Pick<SavedQuery, "id" | "parameters">,
  settings: readonly string[],
): ParameterValues {
  const values: Record<string, number | string> = {};
  for (const setting of settings) {
    const [, name = "", text = ""] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      throw unusable(
        `--set ${setting} sets nothing of ${id}.`,
        `Write --set NAME=VALUE; it has ${Object.keys(parameters).join(" and ")}.`,
      );
    }
    const value = typeof parameter.default === "number" ? Number(text) : text;
    if (text.trim() === "" || Number.isNaN(value)) {
      throw unusable(`--set ${setting} has no value that fits.`, `${name}: ${parameter.meaning}`);
    }
    values[name] = value;
  }
  return values;
}

function printedWith(id: string, values: ParameterValues): SavedQuery {
  try {
    const query = savedQueriesOf(miniserve, { valuesById: { [id]: values } }).find(
      (candidate) => candidate.id === id,
    );
    return query as SavedQuery;
  } catch (error) {
    if (error instanceof RangeError) {
      throw unusable(`${id} cannot be asked so.`, error.message);
    }
    throw error;
  }
}
