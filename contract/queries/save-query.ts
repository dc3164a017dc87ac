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

interface Printed {
  readonly text: string;
}

interface Search extends Printed {
  with(hints: SearchHints): Printed;
}

interface Description<Terms extends Contract, Given extends Parameters> {
  readonly title: string;
  readonly question: string;
  readonly action: string;
  readonly severity: Severity;
  readonly tags: readonly [string, ...string[]];
  readonly parameters?: Given;
  readonly alert?: AlertCondition;
  readonly ask: (
    query: Traceql<Terms>,
    values: ValuesOf<Given>,
  ) => {
    readonly found: Printed;
    readonly table: Search;
    readonly count?: SeriesQuery;
    /** Where what is counted is counted in groups. */
    readonly total?: SeriesQuery;
  };
}

/** Makes a saved query of a description, for one contract and one set of values. */
export type SaveQuery<Terms extends Contract> = <const Given extends Parameters>(
  id: string,
  description: Description<Terms, Given>,
) => SavedQuery;

/** Saved queries on one subject. */
export type QueriesOn<Terms extends Contract> = (save: SaveQuery<Terms>) => readonly SavedQuery[];

/**
 * A contract's own queries, as it takes them. A contract cannot name its own type, so what is known of
 * its words ends here: whoever calls them does it for that contract, under whatever names on the wire.
 */
export function ownQueries<Terms extends Contract>(
  queries: QueriesOn<Terms>,
): NonNullable<Contract["savedQueries"]> {
  return (save) => queries(save as SaveQuery<Terms>);
}

/** How saved queries are printed. */
export interface SavedQueryOptions<Terms extends Contract = Contract> {
  /** Values of parameters, for each query that has them; the defaults hold for the others. */
  readonly values?: ParameterValues;
  /** The same for single queries, by id. */
  readonly valuesById?: Readonly<Record<string, ParameterValues>>;
  /** One more condition for the spans that are found, such as the version that is looked at. */
  readonly within?: (resource: ResourceFields<Terms>, span: Intrinsics<SpanOf<Terms>>) => Condition;
}

/** The parameter that every saved query has. */
const serviceParameter = "service";

/** Describes saved queries for one contract. */
export function createQuerySaver<Terms extends Contract>(
  contract: Terms,
  { values = {}, valuesById = {}, within }: SavedQueryOptions<Terms> = {},
): SaveQuery<Terms> {
  const service: QueryParameter<string> = {
    meaning: "The service whose requests are looked at.",
    default: getServiceName(contract),
  };
  const buildQuery = (serviceName: string) => {
    const query = traceql(contract, { service: serviceName });
    return within === undefined ? query : query.within(within);
  };
  return <Given extends Parameters>(
    id: string,
    { ask, alert, ...description }: Description<Terms, Given>,
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
  description: { readonly meaning: string; readonly unit: string },
): QueryParameter<number> {
  return { ...description, default: value };
}
