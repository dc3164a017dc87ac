import {
  createSavedQueries,
  nearestTo,
  type ParameterValues,
  type SavedQuery,
  type SavedQueryOptions,
  type Service,
  type Services,
} from "#contract";
import {
  type CommandResult,
  measureTempo,
  StackError,
  type TempoSeries,
} from "../../stack/index.ts";
import { nothingFound, type QueryRequest, type Screen, unusable } from "./arguments.ts";
import { type Column, drawTable } from "./table.ts";

/** Runs every saved query that can be counted, and shows how much each finds. */
export async function countSavedQueries(
  screen: Screen,
  asked: Omit<QueryRequest, "text">,
  queries: readonly ServiceQuery[],
): Promise<CommandResult> {
  const { tempoUrl, start, end } = asked;
  const counts: {
    id: string;
    service: string;
    severity: string;
    title: string;
    count: number;
  }[] = [];
  // One after the other: a store answers few metrics queries at a time, and refuses what waits too long.
  for (const { id, service, severity, title, count } of queries) {
    if (count !== null) {
      const answer = await measureTempo(tempoUrl, { text: count, start, end });
      counts.push({ id, service, severity, title, count: computeTotal(answer.series) });
    }
  }
  const isFound = counts.some(({ count }) => count > 0);
  const columns: Column[] = [
    ...serviceColumn(counts),
    { heading: "id", cells: counts.map(({ id }) => id) },
    {
      heading: "found",
      cells: counts.map(({ count }) => `${count}`),
      align: "right",
    },
    {
      heading: "severity",
      cells: counts.map(({ severity }) => severity),
      mayBeCut: true,
    },
    { heading: "title", cells: counts.map(({ title }) => title), mayBeCut: true },
  ];
  const notCounted = queries.filter(({ count }) => count === null).map(({ id }) => id);
  screen.say(
    ...(drawTable(columns, screen.columns) ?? counts.map(({ id, count }) => `${id} ${count}`)),
    "",
    ...(notCounted.length > 0 ? [`Not counted: ${notCounted.join(", ")}.`] : []),
    isFound ? "Show one: npm run query -- ID" : nothingFound({ ...asked, text: "" }),
  );
  return { exitCode: 0, report: { start, end, counts } };
}

function computeTotal(series: readonly TempoSeries[]): number {
  return series.reduce((sum, { value = 0 }) => sum + Number(value), 0);
}

/** A saved query of one of the services. */
interface ServiceQuery extends SavedQuery {
  readonly service: string;
}

function queriesOf(services: Services, options?: SavedQueryOptions): ServiceQuery[] {
  return services.flatMap(({ name, contract }) =>
    createSavedQueries(contract, options).map((query) => ({ ...query, service: name })),
  );
}

/** Whose query it is, where there are several services. */
function serviceColumn(rows: readonly { readonly service: string }[]): Column[] {
  return new Set(rows.map(({ service }) => service)).size < 2
    ? []
    : [{ heading: "service", cells: rows.map(({ service }) => service) }];
}

/** Shows which saved queries there are, and what of each may be set. */
export function listSavedQueries(screen: Screen, services: Services): CommandResult {
  const queries = queriesOf(services);
  const columns: Column[] = [
    ...serviceColumn(queries),
    { heading: "id", cells: queries.map(({ id }) => id) },
    {
      heading: "question",
      cells: queries.map(({ question }) => question),
      mayBeCut: true,
    },
    { heading: "may be set", cells: queries.map(ownParameters), mayBeCut: true },
  ];
  screen.say(
    ...(drawTable(columns, screen.columns) ?? queries.map(({ id }) => id)),
    "",
    "Ask one: npm run query -- ID [--set NAME=VALUE]; for each, --set service=NAME asks another service.",
    `What each is for, and what to do: ${services.map(({ id }) => `docs/generated/${id}/saved-queries.md`).join(", ")}`,
  );
  return { exitCode: 0, report: { queries } };
}

/** `threshold=100 ms`, or `request=?` for what must be set; without the service, which every query has. */
function ownParameters({ parameters }: SavedQuery): string {
  return Object.entries(parameters)
    .filter(([name]) => name !== "service")
    .map(([name, { default: value, unit, isRequired }]) =>
      isRequired === true ? `${name}=?` : `${name}=${value}${unit ? ` ${unit}` : ""}`,
    )
    .join(", ");
}

/** Whether an argument is meant as the id of a saved query: TraceQL begins with a brace. */
export function isQueryId(text: string): boolean {
  return /^\w[\w-]*$/.test(text);
}

/**
 * The saved query with an id, printed with the values given as `NAME=VALUE`.
 * @throws StackError `query_unknown` with the nearest id, or `usage_invalid` for a value or an id that
 *   several services have.
 */
export function chooseSavedQuery(
  services: Services,
  id: string,
  settings: readonly string[],
): SavedQuery {
  const byDefault = queriesOf(services);
  const [query, ...others] = byDefault.filter((candidate) => candidate.id === id);
  if (others.length > 0) {
    const names = [query, ...others].map((candidate) => candidate?.service);
    throw unusable(
      `Several services have a saved query ${id}.`,
      `Name one with --service: ${names.join(", ")}.`,
    );
  }
  if (query === undefined) {
    const nearest = nearestTo(
      id,
      byDefault.map((candidate) => candidate.id),
    );
    throw new StackError("query_unknown", { id, nearest });
  }
  const values = readValues(query, settings);
  for (const [name, { isRequired, default: example, brief }] of Object.entries(query.parameters)) {
    if (isRequired === true && values[name] === undefined) {
      throw unusable(
        `${id} cannot be asked without ${name}.`,
        `${brief} Give it: --set ${name}=${example}`,
      );
    }
  }
  const service = services.find(({ name }) => name === query.service) ?? services[0];
  return printedWith(service, id, values);
}

/** Every saved query. Only what each has, such as the service, may be set. */
export function chooseAll(
  services: Services,
  settings: readonly string[],
): readonly ServiceQuery[] {
  const byDefault = queriesOf(services);
  const [first, ...others] = byDefault;
  const shared = Object.entries(first?.parameters ?? {}).filter(([name]) =>
    others.every(({ parameters }) => name in parameters),
  );
  const values = readValues({ id: "--all", parameters: Object.fromEntries(shared) }, settings);
  return queriesOf(services, { values });
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
      throw unusable(`--set ${setting} has no value that fits.`, `${name}: ${parameter.brief}`);
    }
    values[name] = value;
  }
  return values;
}

function printedWith({ contract }: Service, id: string, values: ParameterValues): SavedQuery {
  try {
    const query = createSavedQueries(contract, { valuesById: { [id]: values } }).find(
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
