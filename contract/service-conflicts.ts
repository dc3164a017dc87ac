import type { Attribute } from "./define/attribute.ts";
import { type Contract, getServiceName } from "./define/contract.ts";
import type { MetricDefinition } from "./define/metric.ts";

/** Where something was declared: `span attribute itemsSold of checkout`. */
interface Declared {
  readonly place: string;
  readonly as: string;
}

/**
 * A sentence for each name on the wire that two services declare differently, with both places. One
 * store, one Collector and one Prometheus hold the spans and metrics of all of them.
 */
export function conflictsBetween(contracts: readonly Contract[]): string[] {
  return [
    ...conflicts(contracts.map((contract) => new Map(listAttributes(contract, "span")))),
    ...conflicts(contracts.map((contract) => new Map(listAttributes(contract, "resource")))),
    ...conflicts(contracts.map((contract) => new Map(listMetrics(contract)))),
    ...serviceNameConflicts(contracts),
  ];
}

function listAttributes(contract: Contract, scope: "span" | "resource"): [string, Declared][] {
  const declared: readonly [string, Attribute][] = Object.entries(
    scope === "span" ? contract.attributes : contract.resource.attributes,
  );
  return declared.map(([identifier, { key, type }]) => [
    key,
    { place: `${scope} attribute ${identifier} of ${getServiceName(contract)}`, as: type },
  ]);
}

function listMetrics(contract: Contract): [string, Declared][] {
  const metrics: readonly [string, MetricDefinition][] = Object.entries(contract.metrics ?? {});
  return metrics.map(([identifier, { name, instrument, unit }]) => [
    name,
    {
      place: `metric ${identifier} of ${getServiceName(contract)}`,
      as: `${instrument} in ${unit}`,
    },
  ]);
}

function conflicts(byContract: readonly ReadonlyMap<string, Declared>[]): string[] {
  const names = new Set(byContract.flatMap((declared) => [...declared.keys()]));
  return [...names].flatMap((name) => {
    const all = byContract.flatMap((declared) => declared.get(name) ?? []);
    return new Set(all.map(({ as }) => as)).size < 2
      ? []
      : [`${name}: ${all.map(({ place, as }) => `${as} as ${place}`).join(", ")}`];
  });
}

/** What tells the services apart must have one name on the wire. */
function serviceNameConflicts(contracts: readonly Contract[]): string[] {
  const keys = contracts.map((contract) => [
    contract.resource.attributes[contract.resource.serviceName]?.key,
    getServiceName(contract),
  ]);
  return new Set(keys.map(([key]) => key)).size < 2
    ? []
    : [`the name of the service: ${keys.map(([key, name]) => `${key} of ${name}`).join(", ")}`];
}
