import type { PlannedChange } from "./differences.ts";
import { withRetries } from "./http/grafana-client.ts";
import type { PlannedStep, ProvisioningPlan } from "./plan.ts";
import { hasCode, ProvisioningError } from "./provisioning-error.ts";

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
      return { done, failure: { change: step.change, error: await explained(step, error) } };
    }
    done.push(step.change);
    onDone(step.change);
  }
  return { done };
}

/**
 * To run it again helps where the next plan would see what is in the way. Where it would not, it is said
 * what helps.
 */
async function explained(
  { object, change }: PlannedStep,
  error: ProvisioningError,
): Promise<ProvisioningError> {
  const hint = "whereTaken" in change ? change.whereTaken : undefined;
  if (hint === undefined || !hasCode(error, "grafana_conflict")) {
    return error;
  }
  const now = await object.look().catch(() => undefined);
  return now?.action === "create"
    ? new ProvisioningError(error.code, { message: error.message, hint })
    : error;
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
      throw new ProvisioningError("grafana_conflict", {
        message: now.reason,
        hint: "Somebody made it meanwhile. Run it again.",
      });
    }
    if ("apply" in now) {
      await now.apply();
    }
  }, wait);
}
