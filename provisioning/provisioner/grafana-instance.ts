import { z } from "zod";
import { type GrafanaClient, readAnswer } from "./http/grafana-client.ts";
import { hasCode, ProvisioningError } from "./provisioning-error.ts";

/** The oldest that has the API that is used here. */
const oldestMajor = 12;

export interface GrafanaInstance {
  /** Undefined where Grafana is told to hide it. */
  readonly version: string | undefined;
  readonly edition: string | undefined;
  /** The datasources that the account may ask, by uid. */
  readonly datasourceTypes: ReadonlyMap<string, string>;
  /** Undefined where the account may not know. */
  readonly hasTempoPlugin: boolean | undefined;
}

const health = z.object({ database: z.string(), version: z.string().optional() });

const settings = z.object({
  buildInfo: z.object({ version: z.string().optional(), edition: z.string().optional() }),
  datasources: z
    .record(z.string(), z.object({ uid: z.string().optional(), type: z.string() }))
    .nullish(),
});

/**
 * What Grafana is there, and what it can do.
 * @throws ProvisioningError `grafana_unsuitable` when it is too old, or no Grafana.
 */
export async function readGrafanaInstance(client: GrafanaClient): Promise<GrafanaInstance> {
  const path = "/api/frontend/settings";
  const { version: told } = readAnswer(health, await client.get("/api/health"), "/api/health");
  const { buildInfo, datasources } = readAnswer(settings, await client.get(path), path);
  const version = told || buildInfo.version || undefined;
  requireVersion(version);
  return {
    version,
    edition: buildInfo.edition,
    datasourceTypes: new Map(
      Object.values(datasources ?? {}).map(({ uid, type }) => [uid ?? "", type]),
    ),
    hasTempoPlugin: await hasPlugin(client, "tempo"),
  };
}

function requireVersion(version: string | undefined): void {
  const major = Number(version?.split(".")[0]);
  if (version !== undefined && !(major >= oldestMajor)) {
    throw new ProvisioningError("grafana_unsuitable", {
      message: `It is Grafana ${version}, and ${oldestMajor} is the oldest that can be provisioned.`,
      hint: "Upgrade it, or import dashboards/generated/ by hand.",
    });
  }
}

async function hasPlugin(client: GrafanaClient, id: string): Promise<boolean | undefined> {
  try {
    return (await client.find(`/api/plugins/${id}/settings`)) !== undefined;
  } catch (error) {
    if (hasCode(error, "grafana_forbidden")) {
      return undefined;
    }
    throw error;
  }
}
