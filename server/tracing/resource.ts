import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { Contract } from "#contract";

/**
 * Who sends the spans: what the contract declares, and nothing about the machine. What the environment
 * says in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES is put over it by the SDK.
 */
export function resourceOf({ resource }: Contract, serviceVersion: string): Resource {
  const values: Readonly<Record<string, string>> = { ...resource.defaults, serviceVersion };
  return resourceFromAttributes(
    Object.fromEntries(
      Object.entries(resource.attributes).flatMap(([identifier, { key }]) => {
        const value = values[identifier];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  );
}
