import {
  allOf,
  type Condition,
  type Contract,
  createSavedQueries,
  getRootSpan,
  isOfMainKind,
  listRootSpans,
  type ResourceFields,
  type SavedQuery,
  type Service,
  type SpanDefinition,
  type Traceql,
  traceql,
  variable,
} from "#contract";

/** What the panels of all dashboards are made of. */
export interface DashboardContext<C extends Contract = Contract> {
  readonly contract: C;
  /** Its service, and the service's name in paths and uids. */
  readonly service: string;
  readonly serviceId: string;
  /** The spans of whole requests, the main kind first. */
  readonly roots: readonly [SpanDefinition, ...SpanDefinition[]];
  /** Asks for the spans of what was chosen at the top of the dashboard, such as one build. */
  readonly query: Traceql<C>;
  /** Asks for the spans of the one trace that was chosen. */
  readonly oneTrace: Traceql<C>;
  /** Of what was chosen. A value that has no default is a variable of its own name. */
  readonly savedQueries: readonly SavedQuery[];
  /** Names of parameters without which a saved query says nothing. */
  readonly requiredParameters: readonly string[];
}

/** What stands for "all" of what can be chosen, in a pattern. */
export const allPattern = ".*";

/** The variable with the id of a trace. */
export const traceVariable = "traceId";
/** What it says before one is chosen. */
export const noTraceText = "none chosen yet";

export function createContext<C extends Contract>({
  name,
  id,
  contract,
}: Service<C>): DashboardContext<C> {
  const query = traceql(contract);
  const chosen = chosenIdentifiers(contract);
  const required = requiredParameters(contract);
  const isChosen = (resource: ResourceFields<Contract>) => buildCondition(resource, chosen);
  return {
    contract,
    service: name,
    serviceId: id,
    roots: [getRootSpan(contract), ...listRootSpans(contract).slice(1)],
    query: chosen.length === 0 ? query : query.within((resource) => isChosen(resource)),
    // Metrics of a real Tempo leave out a single condition on an id that is none, and measure all traces.
    oneTrace: query.within((_, { traceId }) =>
      traceId.eq(variable.text(traceVariable)).and(traceId.ne("")),
    ),
    savedQueries: createSavedQueries(contract, {
      values: Object.fromEntries(required.map((name) => [name, `$${name}`])),
      ...(chosen.length === 0 ? {} : { within: isChosen }),
    }),
    requiredParameters: required,
  };
}

/**
 * What tells the spans of one service apart, each a variable of the dashboards: the build, the
 * environment. Identifiers of the resource's attributes.
 */
export function chosenIdentifiers({ resource }: Contract): string[] {
  return Object.entries(resource.attributes)
    .filter(([identifier, { type }]) => identifier !== resource.serviceName && type === "string")
    .map(([identifier]) => identifier);
}

function buildCondition(resource: ResourceFields<Contract>, chosen: readonly string[]): Condition {
  return allOf(
    chosen.flatMap((identifier) => {
      const field = resource[identifier];
      return field?.kind === "string" ? [field.matches(variable.pattern(identifier))] : [];
    }),
  );
}

function requiredParameters(contract: Contract): string[] {
  const names = createSavedQueries(contract).flatMap(({ parameters }) =>
    Object.entries(parameters)
      .filter(([, { isRequired }]) => isRequired === true)
      .map(([name]) => name),
  );
  return [...new Set(names)];
}

/** Whether each request has it: it and what it is below are always there. */
export function isInEveryRequest(contract: Contract, span: SpanDefinition): boolean {
  const above = contract.spans[span.parent ?? ""];
  const isThere = span.presence === "always" && isOfMainKind(contract, span);
  return isThere && (above === undefined || isInEveryRequest(contract, above));
}

/** @throws RangeError for a query that the contract does not have. */
export function savedQuery(
  { savedQueries }: Pick<DashboardContext, "savedQueries">,
  id: string,
): SavedQuery {
  const found = savedQueries.find((query) => query.id === id);
  if (found === undefined) {
    throw new RangeError(`There is no saved query ${id}.`);
  }
  return found;
}
