import { miniserve } from "#miniserve";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import {
  applyPlan,
  type ProvisioningPlan,
  planProvisioning,
  generatedFiles as provisioning,
} from "../../provisioning/index.ts";
import { toServices } from "../../tests/support/services.ts";
import { credentials, type FakeGrafana } from "../support/fake-grafana/fake-grafana.ts";

export const files = [
  ...provisioning(toServices(miniserve)),
  ...(await dashboards(toServices(miniserve))),
];

type Request = Parameters<typeof planProvisioning>[0];

/** Which of what is asked for is otherwise than in the plainest call. */
export type Change = Partial<Omit<Request, "access">> & {
  readonly access?: Omit<Request["access"], "url" | "wait">;
  readonly credential?: string;
  /** Gets every pause that is made, in milliseconds. */
  readonly pauses?: number[];
};

/** Every datasource is made, so that nothing is left out. */
const choices = {
  tempo: { url: "http://tempo:3200" },
  loki: { url: "http://loki:3100" },
  prometheus: { url: "http://prometheus:9090" },
};

/** The plan for a double, by somebody who signs in. */
export function planFor(
  { url }: Pick<FakeGrafana, "url">,
  { credential = credentials.person, access, pauses = [], ...change }: Change = {},
): Promise<ProvisioningPlan> {
  return planProvisioning({
    service: toServices(miniserve)[0],
    files,
    choices,
    folder: undefined,
    prune: false,
    access: { url, credential, ...access, wait: async (ms) => pauses.push(ms) },
    ...change,
  });
}

/** Plans and carries out. */
export async function provision(grafana: Pick<FakeGrafana, "url">, change: Change = {}) {
  const plan = await planFor(grafana, change);
  return { plan, outcome: await applyPlan(plan, () => undefined) };
}

/** `create dashboard miniserve-overview`, for all that is not as it should be. */
export function toDo({ steps }: ProvisioningPlan): string[] {
  return steps
    .filter(({ change }) => change.action !== "keep")
    .map(({ change: { action, kind, id } }) => `${action} ${kind} ${id}`);
}

/** Where a plan's updates say that something differs. */
export function differingPaths({ steps }: ProvisioningPlan): string[] {
  return steps.flatMap(({ change }) =>
    "differences" in change ? change.differences.map(({ path }) => path) : [],
  );
}

/** Everything that the double has, without what no two runs have in common. */
export function storedIn({ content }: FakeGrafana) {
  const { folders, datasources, dashboards: boards, rules, history } = content;
  const entries = [...history.values()].map(({ uid: _, createdAt: _at, ...entry }) => entry);
  const plain = (values: Iterable<unknown>) => JSON.stringify([...values]);
  return {
    folders: plain(folders.values()),
    datasources: plain(datasources.values()),
    dashboards: plain([...boards.values()].map(({ dashboard }) => dashboard)),
    rules: plain(rules.values()),
    history: entries.map((entry) => JSON.stringify(entry)).toSorted(),
  };
}
