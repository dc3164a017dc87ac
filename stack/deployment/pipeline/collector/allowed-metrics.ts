import type { Contract, MetricDefinition } from "#contract";
import { droppedSenders, forEachService, sourceStatements } from "./allowed-spans.ts";
import type { StatementGroup } from "./model.ts";
import { keepDeclared, list, text } from "./ottl.ts";

/** Metrics that the contract does not have are dropped whole: nothing else would be left of them. */
export function droppedMetrics(contracts: readonly Contract[]): string[] {
  const names = new Set(contracts.flatMap(listMetrics).map(({ name }) => name));
  return [`not ContainsValue(${list([...names])}, metric.name)`, ...droppedSenders(contracts)];
}

/** No statement reaches into an exemplar, which may carry attributes of its own. */
export const droppedPoints = ["Len(datapoint.exemplars) > 0"];

/** What is left of a metric: its points, with the labels that the contract declares, and its unit. */
export function metricStatements(contracts: readonly Contract[]): StatementGroup[] {
  return forEachService(contracts, metricGroups);
}

function metricGroups(contract: Contract): StatementGroup[] {
  const { instance } = contract.resource;
  return [
    ...sourceStatements(contract, instance === undefined ? [] : [instance]),
    {
      context: "metric",
      // The cache is empty.
      statements: ['set(metric.description, "")', "set(metric.metadata, metric.cache)"],
    },
    ...listMetrics(contract).flatMap(({ name, unit, attributes }) => {
      const conditions = [`metric.name == ${text(name)}`];
      return [
        // Prometheus makes it a part of the name.
        {
          context: "metric" as const,
          conditions,
          statements: [`set(metric.unit, ${text(unit)})`],
        },
        {
          context: "datapoint" as const,
          conditions,
          statements: keepDeclared("datapoint", Object.values(attributes)),
        },
      ];
    }),
  ];
}

function listMetrics({ metrics = {} }: Contract): MetricDefinition[] {
  return Object.values(metrics);
}
