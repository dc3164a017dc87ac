import { Document } from "yaml";
import { type Contract, type GeneratedFile, getServiceName, type Service } from "#contract";
import {
  attributeGroups,
  entityGroups,
  eventGroups,
  metricGroups,
  spanDefinitions,
} from "./definitions.ts";

/**
 * Each contract as a registry of OpenTelemetry Weaver: what `weaver registry check` accepts. It is written
 * in groups, which every version of Weaver reads; only spans need the words of `definition/2`, of which
 * Weaver warns that they are not stable yet.
 */
export function weaverRegistries(services: readonly Service[]): GeneratedFile[] {
  return services.flatMap(({ id, contract }) =>
    Object.entries(registryOf(id, contract)).map(([name, content]) => ({
      path: `docs/generated/${id}/weaver/${name}.yaml`,
      content: formatYaml(content),
    })),
  );
}

function registryOf(id: string, contract: Contract): Readonly<Record<string, object>> {
  const metrics = metricGroups(contract);
  return {
    manifest: {
      description: `What ${getServiceName(contract)} sends: spans, metrics and log lines.`,
      // The address is a name: a registry must have one, and nobody has to publish this.
      schema_url: `https://contracts.invalid/${id}/0.1.0`,
    },
    attributes: { groups: attributeGroups(contract) },
    spans: { file_format: "definition/2", spans: spanDefinitions(contract) },
    ...(metrics.length === 0 ? {} : { metrics: { groups: metrics } }),
    events: { groups: eventGroups(contract) },
    entities: { groups: entityGroups(contract) },
  };
}

function formatYaml(content: object): string {
  // Some read YAML 1.1, where no is a truth value.
  const document = new Document(content, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  document.commentBefore = " Generated from the contract by npm run generate. Do not edit.";
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
