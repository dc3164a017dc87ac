import { setTimeout as sleep } from "node:timers/promises";
import type { StackState } from "../../../state/stack-state.ts";
import { checkContainers, type PartsHealth } from "./check-containers.ts";

/** Grafana answers before it has read its dashboards, which it does every ten seconds. */
const limitMs = 40_000;
const pollIntervalMs = 1_000;

/** How the parts are once everything is loaded, or when the limit has passed. */
export async function waitForProvisioning(state: StackState): Promise<PartsHealth | undefined> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const health = await checkContainers(state);
    if (health === undefined || health.problems.length === 0 || performance.now() > giveUpAt) {
      return health;
    }
    await sleep(pollIntervalMs);
  }
}
