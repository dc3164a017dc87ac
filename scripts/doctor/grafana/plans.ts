import { setTimeout as sleep } from "node:timers/promises";
import type { Services } from "#contract";
import {
  type GrafanaAccess,
  GrafanaClient,
  ProvisioningError,
  type ProvisioningPlan,
  planProvisioning,
} from "../../../provisioning/index.ts";
import { readAccess, readChoices } from "../../provision/arguments.ts";
import { generatedFor } from "../../provision/generated-for.ts";
import type { DoctorOptions } from "../options.ts";

/** What npm run provision would do there, for each service. */
export interface Plans {
  readonly client: GrafanaClient;
  readonly grafana: ProvisioningPlan["grafana"] & { readonly url: string };
  readonly changes: readonly ProvisioningPlan["steps"][number]["change"][];
}

/** For all of it: one that hangs or is overloaded is not waited for. */
const limitMs = 12_000;

interface PlansRequest {
  readonly services: Services;
  readonly options: DoctorOptions;
  readonly url: string;
}

/** @throws ProvisioningError, or StackError `usage_invalid` for a credential that is not set. */
export async function makePlans(asked: PlansRequest): Promise<Plans> {
  const { options, url } = asked;
  const signal = AbortSignal.timeout(limitMs);
  const access = {
    ...readAccess({ ...options, grafana: url }),
    signal,
    wait: (ms: number) => sleep(ms, undefined, { signal }),
  };
  try {
    return await planAll(asked, access);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
    const seconds = limitMs / 1000;
    throw new ProvisioningError("grafana_unreachable", {
      message: `Grafana was not done with answering after ${seconds} s.`,
      hint: "Does it run, and is it overloaded? Its log says. npm run provision -- --dry-run waits longer.",
    });
  }
}

async function planAll({ services, options }: PlansRequest, access: GrafanaAccess): Promise<Plans> {
  const client = new GrafanaClient(access);
  const plans: ProvisioningPlan[] = [];
  for (const service of services) {
    plans.push(
      await planProvisioning({
        service,
        files: await generatedFor(service),
        access,
        choices: readChoices(options),
        folder: options.folder,
        prune: false,
      }),
    );
  }
  const [first] = plans as [ProvisioningPlan, ...ProvisioningPlan[]];
  return {
    client,
    grafana: { ...first.grafana, url: client.url },
    changes: plans.flatMap(({ steps }) => steps.map(({ change }) => change)),
  };
}
