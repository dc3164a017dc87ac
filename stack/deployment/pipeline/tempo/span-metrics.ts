import type { Attribute, Contract } from "#contract";

/** Labels that Tempo gives every series itself. */
const labelsOfTempo = ["service", "span_name", "span_kind", "status_code", "status_message", "job"];

/**
 * The attributes by which Tempo's span metrics can be split: those with few values, so strings and
 * booleans of which not nearly every span has another. The service is a label already.
 */
export function metricDimensions(contract: Contract): Attribute[] {
  const { resource, attributes } = contract;
  const service = resource.attributes[resource.serviceName];
  return [...Object.values(resource.attributes), ...Object.values(attributes)].filter(
    (attribute) =>
      attribute !== service &&
      !attribute.unique &&
      (attribute.type === "string" || attribute.type === "boolean"),
  );
}

/** A sentence for each label of Prometheus that two attributes would have, or Tempo has already. */
export function dimensionFaults(contract: Contract): string[] {
  const keysByLabel = Map.groupBy(
    metricDimensions(contract).map(({ key }) => key),
    (key) => key.replaceAll(/\W/g, "_"),
  );
  return [...keysByLabel].flatMap(([label, keys]) => [
    ...(keys.length > 1 ? [`${keys.join(" and ")} are both the label ${label} of metrics`] : []),
    ...(labelsOfTempo.includes(label)
      ? [`${keys[0]} is the label ${label} of metrics, which Tempo sets itself`]
      : []),
  ]);
}
