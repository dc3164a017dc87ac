/** For tests: what `npm run doctor` found. */
import assert from "node:assert/strict";
import type { CheckResult } from "../../scripts/doctor/run-checks.ts";
import type { StackUnderTest } from "../stack/stack-under-test.ts";

export interface DoctorReport {
  readonly exitCode: number | null;
  readonly results: readonly CheckResult[];
  /** All that was printed. */
  readonly printed: string;
  /** The one finding of that code; fails where there is none, or nothing is said of what to do. */
  readonly find: (code: string) => CheckResult;
  readonly codes: (mark: CheckResult["mark"]) => string[];
}

const nothingOfTheDeveloper = Object.fromEntries(
  [
    ...["GRAFANA_URL", "GRAFANA_TOKEN", "GRAFANA_HEADERS", "NODE_USE_ENV_PROXY"],
    ...["grpc_proxy", "https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"],
  ].map((name) => [name, ""]),
);

/** Runs it as a person does, with other settings where they are given. */
export async function runDoctor(
  stack: Pick<StackUnderTest, "runWith">,
  options: readonly string[] = [],
  settings: Readonly<Record<string, string | undefined>> = {},
): Promise<DoctorReport> {
  const end = await stack.runWith(
    { ...nothingOfTheDeveloper, ...settings },
    "scripts/doctor.ts",
    "--json",
    ...options,
  );
  const printed = end.stdout + end.stderr;
  assert.ok(end.exitCode === 0 || end.exitCode === 1, printed);
  const report: { ok: boolean; groups: { title: string; checks: CheckResult[] }[] } = JSON.parse(
    end.stdout,
  );
  const results = report.groups.flatMap(({ checks }) => checks);
  const hasProblem = results.some(({ mark }) => mark === "problem");
  assert.deepEqual([report.ok, end.exitCode], [!hasProblem, hasProblem ? 1 : 0]);
  const codes: DoctorReport["codes"] = (mark) =>
    results.filter((one) => one.mark === mark).map(({ code }) => code ?? "");
  const find = (code: string) => {
    const found = results.find((one) => one.code === code);
    assert.ok(found, `${code} is not among: ${printed}`);
    assert.ok(found.why !== null && found.action !== null && found.action !== "", code);
    assert.ok(end.stderr.includes(`[${code}]`) && end.stderr.includes(found.action), code);
    return found;
  };
  return { exitCode: end.exitCode, results, printed, find, codes };
}
