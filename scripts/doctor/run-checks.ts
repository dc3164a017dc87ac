import { withoutCredentials } from "#contract";
import { CodedError } from "#errors";
import { toSystemError } from "../../stack/index.ts";
import type { Check, CheckGroup, Seen } from "./check.ts";
import { Finding } from "./finding.ts";

/** Of a check: in the form in which it is printed. */
export interface CheckResult {
  readonly check: string;
  readonly mark: "fine" | "skipped" | "warning" | "problem";
  /** Null where nothing is wrong. */
  readonly code: string | null;
  readonly sentence: string;
  readonly details: readonly string[];
  /** Why it matters, and what to do; null where nothing is wrong. */
  readonly why: string | null;
  readonly action: string | null;
}

/** Longer, nobody waits for one answer. */
const limitMs = 15_000;

/** The results of a group's checks, in their order. They run at the same time. */
export async function runChecks({ checks }: CheckGroup): Promise<CheckResult[]> {
  const results = await Promise.all(
    checks.map(async (check) => (await lookInTime(check)).map((seen) => toResult(check, seen))),
  );
  return results.flat();
}

async function lookInTime(check: Check): Promise<readonly Seen[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Seen>((resolve) => {
    const seconds = limitMs / 1000;
    timer = setTimeout(() => resolve(new Finding("check_unfinished", { seconds })), limitMs);
  });
  try {
    const seen = await Promise.race([look(check), late]);
    return "mark" in seen || seen instanceof Error ? [seen] : seen;
  } finally {
    clearTimeout(timer);
  }
}

async function look(check: Check): Promise<Seen | readonly Seen[]> {
  try {
    return await check.look();
  } catch (error) {
    const known = error instanceof CodedError ? error : toSystemError(error);
    return known ?? new Finding("check_broken", { reason: String((error as Error).message) });
  }
}

function toResult({ name, why }: Check, seen: Seen): CheckResult {
  if (!(seen instanceof CodedError)) {
    const { mark, sentence } = seen;
    return {
      check: name,
      mark,
      code: null,
      sentence: withoutCredentials(sentence),
      details: [],
      why: null,
      action: null,
    };
  }
  const { code, message, hint, details, exitCode } = seen;
  return {
    check: name,
    mark: exitCode === 0 ? "warning" : "problem",
    code,
    sentence: withoutCredentials(message),
    details: details.map(withoutCredentials),
    why,
    action: withoutCredentials(hint),
  };
}
