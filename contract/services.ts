import { type Contract, getServiceName } from "./define/contract.ts";
import { DefinitionError } from "./define/definition-error.ts";
import { conflictsBetween } from "./service-conflicts.ts";

/** What only this service's dashboards have, made by `defineOwnRows` of dashboards/ for its contract. */
export interface OwnDashboards<C extends Contract = Contract> {
  readonly contract: C;
}

/** A service of the configuration. */
export interface Service<C extends Contract = Contract> {
  /** `service.name` of its spans. */
  readonly name: string;
  /** Its name where a name is part of a path or an address: lower-case letters, digits and dashes. */
  readonly id: string;
  readonly contract: C;
  /** Loads what only its dashboards have. Called only where dashboards are made. */
  readonly dashboards?: () => Promise<{ readonly default: OwnDashboards<C> }>;
}

/** One at least. */
export type Services = readonly [Service, ...Service[]];

export interface Configuration {
  readonly services: Services;
}

/**
 * A service by its contract.
 * @param description `dashboards` imports the module whose default export are the rows that only this
 *   service's dashboards have: `() => import("./dashboards/shop.ts")`.
 */
export function defineService<const C extends Contract>(
  description: Pick<Service<C>, "contract" | "dashboards">,
): Service {
  const name = getServiceName(description.contract);
  // Whoever loads its dashboards gives them the contract that they were made for.
  return { name, id: toId(name), ...description } as Service;
}

/** Uids of Grafana have forty characters, and the longest of ours end with some more of their own. */
const longestId = 20;

/** A name that has to be cut ends with a number of its own. */
function toId(name: string): string {
  const id = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (id.length <= longestId) {
    return id;
  }
  const number = [...name].reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973,
    7,
  );
  return `${id.slice(0, longestId - 5).replace(/-$/, "")}-${number}`;
}

/**
 * The services whose dashboards, queries, alerts and pipeline are made: the default export of
 * `miniserve.config.ts`.
 * @throws DefinitionError with every conflict between the services.
 * @example
 * export default defineConfig({ services: [defineService({ contract: shop })] });
 */
export function defineConfig(configuration: {
  readonly services: readonly Service[];
}): Configuration {
  const { services } = configuration;
  const [first, ...more] = services;
  DefinitionError.throwIfAny("services", [
    ...nameFaults(services),
    ...conflictsBetween(services.map(({ contract }) => contract)),
  ]);
  if (first === undefined) {
    throw new DefinitionError("services", ["there is none"]);
  }
  return { services: [first, ...more] };
}

function nameFaults(services: readonly Service[]): string[] {
  return [...Map.groupBy(services, ({ id }) => id)].flatMap(([id, same]) => [
    ...(id === "" ? [`"${same[0]?.name}" has no letter or digit to name a folder by`] : []),
    ...(same.length > 1
      ? [`${same.map(({ name }) => name).join(" and ")} would both have the folder ${id}`]
      : []),
  ]);
}
