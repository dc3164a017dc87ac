import { datasourceUids } from "#contract";
import { type GrafanaClient, ProvisioningError } from "../../../provisioning/index.ts";
import { type Check, fine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import type { DoctorOptions } from "../options.ts";
import type { Plans } from "./plans.ts";

/** Has Grafana ask each of its datasources, as the button Test on a datasource's page does. */
export function datasourcesCheck(plans: () => Promise<Plans>, options: DoctorOptions): Check {
  return {
    name: "Datasources",
    why: "Panels of a datasource that does not answer are empty or red.",
    look: async () => {
      const { client, grafana } = await plans();
      const uids = Object.entries(datasourceUids)
        .map(([type, uid]) => options[`${type as keyof typeof datasourceUids}-uid`] ?? uid)
        .filter((uid) => grafana.datasourceTypes.has(uid));
      return await Promise.all(uids.map((uid) => askHealth(client, uid)));
    },
  };
}

async function askHealth(client: GrafanaClient, uid: string): Promise<Seen> {
  try {
    const answer = await client.find(`/api/datasources/uid/${uid}/health`);
    const { status, message } = (answer ?? {}) as { status?: string; message?: string };
    return status === "OK"
      ? fine(`${uid} works.`)
      : new Finding("datasource_unhealthy", {
          name: uid,
          reason: message ?? "it does not say why.",
        });
  } catch (error) {
    if (error instanceof ProvisioningError) {
      return new Finding("datasource_unhealthy", { name: uid, reason: error.message });
    }
    throw error;
  }
}
