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
      const datasources = Object.entries(datasourceUids)
        .map(([type, uid]) => ({
          type: type as DatasourceType,
          uid: options[`${type as DatasourceType}-uid`] ?? uid,
        }))
        .filter(({ uid }) => grafana.datasourceTypes.has(uid));
      return await Promise.all(datasources.map((datasource) => askHealth(client, datasource)));
    },
  };
}

type DatasourceType = keyof typeof datasourceUids;

async function askHealth(
  client: GrafanaClient,
  { type, uid }: { readonly type: DatasourceType; readonly uid: string },
): Promise<Seen> {
  const unhealthy = (reason: string) => new Finding("datasource_unhealthy", { type, uid, reason });
  try {
    const answer = await client.find(`/api/datasources/uid/${uid}/health`);
    if (answer === undefined && type === "tempo") {
      // Its plugin has no such question. Whatever answers this is a Tempo.
      await client.get(`/api/datasources/proxy/uid/${uid}/api/v2/search/tags?limit=1`);
      return fine(`${uid} works.`);
    }
    const { status, message } = (answer ?? {}) as { status?: string; message?: string };
    return status === "OK" ? fine(`${uid} works.`) : unhealthy(message ?? "it does not say why.");
  } catch (error) {
    if (error instanceof ProvisioningError) {
      return unhealthy(error.message);
    }
    throw error;
  }
}
