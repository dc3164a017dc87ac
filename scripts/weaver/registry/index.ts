import { Document } from "yaml";
import { type GenerateFiles, getServiceName } from "#contract";
import {
  attributeGroups,
  entityGroups,
  eventGroups,
  metricGroups,
  spanDefinitions,
} from "./definitions.ts";

/**
 * The contract as a registry of OpenTelemetry Weaver: what `weaver registry check` accepts. It is written
 * in groups, which every version of Weaver reads; only spans need the words of `definition/2`, of which
 * Weaver warns that they are not stable yet.
 */
export const weaverRegistry: GenerateFiles = (contract) => {
  const service = getServiceName(contract);
  // The address is a name: a registry must have one, and nobody has to publish this.
  const manifest = {
    description: `What ${service} sends: spans, metrics and log lines.`,
    schema_url: `https://contracts.invalid/${service}/0.1.0`,
  };
  const metrics = metricGroups(contract);
  const files = {
    manifest,
    attributes: { groups: attributeGroups(contract) },
    spans: { file_format: "definition/2", spans: spanDefinitions(contract) },
    ...(metrics.length === 0 ? {} : { metrics: { groups: metrics } }),
    events: { groups: eventGroups(contract) },
    entities: { groups: entityGroups(contract) },
  };
  return Object.entries(files).map(([name, content]) => ({
    path: `docs/generated/${service}/weaver/${name}.yaml`,
    content: formatYaml(content),
  }));
};

function formatYaml(content: object): string {
  // Some read YAML 1.1, where no is a truth value.
  const document = new Document(content, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  document.commentBefore = " Generated from the contract by npm run generate. Do not edit.";
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
