import { type Contract, getServiceName } from "../define/contract.ts";
import type {
  AlertCondition,
  ParameterValues,
  QueryParameter,
  SavedQuery,
  Severity,
} from "../define/saved-query.ts";
import type { Condition } from "../traceql/condition.ts";
import type { Intrinsics, ResourceFields, SpanOf } from "../traceql/field.ts";
import type { SearchHints } from "../traceql/hints.ts";
import type { SeriesQuery } from "../traceql/metrics-query.ts";
import { type Traceql, traceql } from "../traceql/vocabulary.ts";

type Parameters = Readonly<Record<string, QueryParameter>>;

type ValuesOf<Given extends Parameters> = {
  readonly [Name in keyof Given]: Given[Name]["default"] extends number ? number : string;
};

interface TraceqlText {
  readonly text: string;
}

interface Search extends TraceqlText {
  with(hints: SearchHints): TraceqlText;
}

interface Description<C extends Contract, Given extends Parameters> {
  readonly title: string;
  readonly question: string;
  readonly action: string;
  readonly severity: Severity;
  readonly tags: readonly [string, ...string[]];
  readonly parameters?: Given;
  readonly alert?: AlertCondition;
  readonly build: (
    query: Traceql<C>,
    values: ValuesOf<Given>,
  ) => {
    readonly found: TraceqlText;
    readonly table: Search;
    readonly count?: SeriesQuery;
    /** Where what is counted is counted in groups. */
    readonly total?: SeriesQuery;
  };
}

/** Makes a saved query of a description, for one contract and one set of values. */
export type DefineSavedQuery<C extends Contract> = <const Given extends Parameters>(
  id: string,
  description: Description<C, Given>,
) => SavedQuery;

/** Saved queries on one subject. */
export type SavedQueryGroup<C extends Contract> = (
  save: DefineSavedQuery<C>,
) => readonly SavedQuery[];

/**
 * A contract's own queries, as it takes them. A contract cannot name its own type, so what is known of
 * its words ends here: whoever calls them does it for that contract, under whatever names on the wire.
 */
export function serviceQueries<C extends Contract>(
  queries: SavedQueryGroup<C>,
): NonNullable<Contract["savedQueries"]> {
  return (save) => queries(save as DefineSavedQuery<C>);
}

/** How saved queries are printed. */
export interface SavedQueryOptions<C extends Contract = Contract> {
  /** Values of parameters, for each query that has them; the defaults hold for the others. */
  readonly values?: ParameterValues;
  /** The same for single queries, by id. */
  readonly valuesById?: Readonly<Record<string, ParameterValues>>;
  /** One more condition for the spans that are found, such as the version that is looked at. */
  readonly within?: (resource: ResourceFields<C>, span: Intrinsics<SpanOf<C>>) => Condition;
}

/** The parameter that every saved query has. */
const serviceParameter = "service";

/** Describes saved queries for one contract. */
export function createQuerySaver<C extends Contract>(
  contract: C,
  { values = {}, valuesById = {}, within }: SavedQueryOptions<C> = {},
): DefineSavedQuery<C> {
  const service: QueryParameter<string> = {
    brief: "The service whose requests are looked at.",
    default: getServiceName(contract),
  };
  const buildQuery = (serviceName: string) => {
    const query = traceql(contract, { service: serviceName });
    return within === undefined ? query : query.within(within);
  };
  return <Given extends Parameters>(
    id: string,
    { build: ask, alert, ...description }: Description<C, Given>,
  ) => {
    const parameters: Parameters = { ...description.parameters, [serviceParameter]: service };
    const given = resolveValues(parameters, { ...values, ...valuesById[id] });
    const {
      found,
      table,
      count,
      total = count,
    } = ask(buildQuery(String(given[serviceParameter])), given as ValuesOf<Given>);
    return {
      ...description,
      id,
      parameters,
      search: found.text,
      table: table.text,
      newest: table.with({ mostRecent: true }).text,
      count: count?.text ?? null,
      total: total?.gt(0).text ?? null,
      alert: alert ?? null,
    };
  };
}

function resolveValues(
  parameters: Parameters,
  values: ParameterValues,
): Readonly<Record<string, number | string>> {
  const entries = Object.entries(parameters).map(([name, parameter]) => [
    name,
    values[name] ?? parameter.default,
  ]);
  return Object.fromEntries(entries);
}

/** A number that a saved query compares with. */
export function threshold(
  value: number,
  description: { readonly brief: string; readonly unit: string },
): QueryParameter<number> {
  return { ...description, default: value };
}
