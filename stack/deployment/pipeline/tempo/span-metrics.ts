import type { Attribute, Contract } from "#contract";

/** Labels that Tempo gives every series itself. */
const labelsOfTempo = ["service", "span_name", "span_kind", "status_code", "status_message", "job"];

/**
 * The attributes by which Tempo's span metrics can be split: those with few values, so strings and
 * booleans of which not nearly every span has another. The service is a label already.
 */
export function metricDimensions(contracts: readonly Contract[]): Attribute[] {
  const all = contracts.flatMap(({ resource, attributes }) => {
    const service = resource.attributes[resource.serviceName];
    return [...Object.values(resource.attributes), ...Object.values(attributes)].filter(
      (attribute) =>
        attribute !== service &&
        !attribute.unique &&
        (attribute.type === "string" || attribute.type === "boolean"),
    );
  });
  return [...new Map(all.map((attribute) => [attribute.key, attribute])).values()];
}

/** A sentence for each label of Prometheus that two attributes would have, or Tempo has already. */
export function dimensionFaults(contracts: readonly Contract[]): string[] {
  const keysByLabel = Map.groupBy(
    metricDimensions(contracts).map(({ key }) => key),
    (key) => key.replaceAll(/\W/g, "_"),
  );
  return [...keysByLabel].flatMap(([label, keys]) => [
    ...(keys.length > 1 ? [`${keys.join(" and ")} are both the label ${label} of metrics`] : []),
    ...(labelsOfTempo.includes(label)
      ? [`${keys[0]} is the label ${label} of metrics, which Tempo sets itself`]
      : []),
  ]);
}
