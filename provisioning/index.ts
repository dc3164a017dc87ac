import type { GeneratedFile, Services } from "#contract";
import { alertRules } from "./alert-rules.ts";
import { dashboardsProvider } from "./dashboards-provider.ts";
import { datasourceFile } from "./datasources/file.ts";
import { savedQueriesPage, savedQueryExports } from "./saved-queries/exports.ts";

export { applyPlan } from "./provisioner/apply.ts";
export { configMaps } from "./provisioner/config-maps.ts";
export type { DatasourceChoices } from "./provisioner/desired/generated-content.ts";
export type { Difference, PlannedChange } from "./provisioner/differences.ts";
export { type GrafanaAccess, GrafanaClient } from "./provisioner/http/grafana-client.ts";
export { type ProvisioningPlan, planProvisioning } from "./provisioner/plan.ts";
export { ProvisioningError } from "./provisioner/provisioning-error.ts";

/** What Grafana is provisioned with besides dashboards, and the saved queries for programs and people. */
export const generatedFiles = (services: Services): GeneratedFile[] => [
  ...services.flatMap(savedQueryExports),
  ...services.map(savedQueriesPage),
  datasourceFile(services),
  dashboardsProvider(services),
  ...services.map((service, place) => alertRules(service, { withPipeline: place === 0 })),
];
