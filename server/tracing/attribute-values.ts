import type { Attributes } from "@opentelemetry/api";
import { faultOfValue, type SpanDefinition } from "#contract";

/** Values by the identifiers of their attributes, as code gives them. */
export type Values = Readonly<Record<string, unknown>>;

/** The values that the span's definition allows, by wire name; each other one is reported. */
export function toAttributes(
  definition: SpanDefinition,
  values: Values,
  report: (fault: string) => void,
): Attributes {
  const attributes: Attributes = {};
  for (const identifier in values) {
    if (!Object.hasOwn(definition.attributes, identifier)) {
      report(`${definition.identifier} has no such attribute as the one that was set`);
      continue;
    }
    const attribute = definition.attributes[identifier];
    const fault = attribute && faultOfValue(attribute, values[identifier]);
    if (attribute === undefined || fault !== undefined) {
      report(`${attribute?.key} is ${fault}`);
    } else {
      attributes[attribute.key] = values[identifier] as string | number | boolean;
    }
  }
  return attributes;
}
