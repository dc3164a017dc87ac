import type {
  PlannedChange,
  ProvisioningError,
  ProvisioningPlan,
} from "../../provisioning/index.ts";

type Result = "refused" | "nothing to do" | "planned" | "applied" | "broken off";

/** What `--json` prints. */
export function planReport(
  { grafana, client, steps, notices }: ProvisioningPlan,
  result: Result,
  done: readonly PlannedChange[] = [],
  error?: ProvisioningError,
) {
  const { version = null, edition = null } = grafana;
  return {
    result,
    grafana: { url: client.url, version, edition },
    changes: steps.map(({ change }) => ({
      kind: change.kind,
      id: change.id,
      title: change.title,
      action: change.action,
      differences: "differences" in change ? change.differences : [],
      reason: "reason" in change ? change.reason : null,
      done: done.includes(change),
    })),
    notices,
    error:
      error === undefined ? null : { code: error.code, seen: error.seen, action: error.action },
  };
}
