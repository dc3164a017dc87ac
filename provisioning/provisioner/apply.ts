import { withRetries } from "./http/retries.ts";
import type { PlannedStep, ProvisioningPlan } from "./plan.ts";
import type { PlannedChange } from "./planned-change.ts";
import { ProvisioningError } from "./provisioning-error.ts";

export interface Outcome {
  readonly done: readonly PlannedChange[];
  /** What broke it off. The steps behind it were not tried. */
  readonly failure?: { readonly change: PlannedChange; readonly error: ProvisioningError };
}

/**
 * Carries out a plan, step by step, and stops at the first that fails: the plan of another run begins
 * with what is left. A plan in which something is refused must not be carried out.
 */
export async function applyPlan(
  { steps, client }: ProvisioningPlan,
  onDone: (change: PlannedChange) => void,
): Promise<Outcome> {
  const done: PlannedChange[] = [];
  for (const step of steps.filter(({ change }) => "apply" in change)) {
    try {
      await carryOut(step, client.wait);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) {
        throw error;
      }
      return { done, failure: { change: step.change, error } };
    }
    done.push(step.change);
    onDone(step.change);
  }
  return { done };
}

/**
 * When the answer to a change is lost, nobody knows whether it was made. So before it is tried again, it
 * is looked at what is there.
 */
async function carryOut({ object, change }: PlannedStep, wait: Parameters<typeof withRetries>[1]) {
  let isFirst = true;
  await withRetries(async () => {
    const now = isFirst ? change : await object.look();
    isFirst = false;
    if (now.action === "refuse") {
      throw new ProvisioningError({
        code: "grafana_conflict",
        seen: now.reason,
        action: "Somebody made it meanwhile. Run it again.",
      });
    }
    if ("apply" in now) {
      await now.apply();
    }
  }, wait);
}
