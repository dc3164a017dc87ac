import { setTimeout as sleep } from "node:timers/promises";
import { ProvisioningError } from "../provisioning-error.ts";

/** Waits; a test gives one that does not. */
export type Wait = (ms: number) => Promise<unknown>;

export const waitFor: Wait = (ms) => sleep(ms);

const attempts = 6;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/**
 * Calls something until it goes well, with longer and longer pauses, or as long as Grafana asked for.
 * What would not go better a second time is thrown at once, and so is the last error, and one after which
 * Grafana asked for more time than anybody waits.
 */
export async function withRetries<Result>(
  call: () => Promise<Result>,
  wait: Wait,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isLong = isTransient(error) && (error.retryAfterMs ?? 0) > longestPauseMs;
      if (!isTransient(error) || isLong || attempt === attempts) {
        throw error;
      }
      await wait(pauseMs(attempt, error.retryAfterMs));
    }
  }
}

function isTransient(error: unknown): error is ProvisioningError {
  return error instanceof ProvisioningError && error.isTransient;
}

/** Between half of it and all of it, so that several that were refused at once do not return at once. */
function pauseMs(attempt: number, askedMs: number | undefined): number {
  const grown = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  return Math.min(Math.max(grown, askedMs ?? 0), longestPauseMs);
}
