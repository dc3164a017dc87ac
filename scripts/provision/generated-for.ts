import type { Service } from "#contract";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";

/** What a Grafana is to have of a service. */
export async function generatedFor(service: Service) {
  return [...provisioning([service]), ...(await dashboards([service]))];
}
