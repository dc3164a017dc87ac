/** The alert rules: each is evaluated, and holds for the requests that it is about and for no others. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { plants } from "../queries/seeded-requests.ts";
import { askGrafana, type GrafanaUnderTest } from "./grafana-under-test.ts";
import { expected, type Seeded, spansAt } from "./seeded.ts";

interface Rule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly relativeTimeRange: { readonly from: number };
    readonly model: object;
  }[];
  readonly labels: Readonly<Record<string, string>>;
}

/** More than any rule asks for. */
const often = 6;
const minuteMs = 60_000;
/** Longer than the range that a rule looks at. */
const apartMs = 20 * minuteMs;

export async function checkAlertRules(
  t: TestContext,
  { grafana, viewer, running }: Seeded,
): Promise<void> {
  const uids = new Set(expected.rules.map(({ uid }) => uid));
  const all = await askGrafana<readonly Rule[]>(grafana, "GET /api/v1/provisioning/alert-rules");
  const rules = all.filter(({ uid }) => uids.has(uid));
  assert.equal(rules.length, uids.size);
  const ofRequests = rules.filter(({ labels }) => labels.saved_query !== undefined);
  assert.ok(ofRequests.length > 4);
  // Each kind of request at a time of its own, long before the others and before all that is shown.
  const kinds = Object.entries(plants).map(([label, { requests, foundBy }], index) => ({
    label,
    requests,
    foundBy,
    timeMs: Date.now() - 3 * 60 * minuteMs - index * apartMs,
  }));
  for (const { requests, timeMs } of kinds) {
    await viewer.send(spansAt(requests, timeMs, often));
  }
  for (const rule of ofRequests) {
    const holds: string[] = [];
    for (const { label, timeMs } of kinds) {
      if (await isHolding(grafana, rule, timeMs + minuteMs)) {
        holds.push(label);
      }
    }
    const wanted = kinds
      .filter(({ foundBy }) => foundBy[rule.labels.saved_query ?? ""] !== undefined)
      .map(({ label }) => label);
    assert.ok(wanted.length > 0, rule.title);
    assert.deepEqual(holds, wanted, rule.title);
  }
  // And by itself: all at once, now.
  for (const { requests } of kinds) {
    await viewer.send(spansAt(requests, Date.now() - 5_000, often));
  }
  const sentAtMs = Date.now();
  const asked = rules.filter((rule) =>
    rule.data.every(
      ({ datasourceUid }) => datasourceUid === "__expr__" || running.has(datasourceUid),
    ),
  );
  if (asked.length < rules.length) {
    t.diagnostic(`${rules.length - asked.length} rules ask what does not run.`);
  }
  await waitForStates(grafana, asked, sentAtMs);
}

/** Whether a rule's condition holds at a time, as Grafana itself evaluates it. */
async function isHolding(grafana: GrafanaUnderTest, rule: Rule, atMs: number): Promise<boolean> {
  const { results } = await askGrafana<{
    results: Record<string, { frames?: { data: { values: number[][] } }[]; error?: string }>;
  }>(grafana, "POST /api/v1/eval", {
    data: rule.data,
    condition: rule.condition,
    now: new Date(atMs).toISOString(),
  });
  for (const [refId, { error }] of Object.entries(results)) {
    assert.equal(error, undefined, `${rule.title} ${refId}`);
  }
  const frames = results[rule.condition]?.frames ?? [];
  return frames.some(({ data }) => data.values.flat().some((value) => value > 0));
}

interface RuleState {
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly lastError?: string;
  readonly lastEvaluation: string;
}

/** Grafana evaluates each minute; where a rule waits before it fires, it is pending until then. */
async function waitForStates(
  grafana: GrafanaUnderTest,
  rules: readonly Rule[],
  sinceMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + 4 * minuteMs;
  for (;;) {
    const { data } = await askGrafana<{ data: { groups: { rules: RuleState[] }[] } }>(
      grafana,
      "GET /api/prometheus/grafana/api/v1/rules",
    );
    const states = new Map(
      data.groups.flatMap((group) => group.rules).map((rule) => [rule.name, rule]),
    );
    const wrong = rules.flatMap(({ title, labels }) => {
      const found = states.get(title);
      const isEvaluated = Date.parse(found?.lastEvaluation ?? "") > sinceMs;
      const isFiring = found?.state === "firing" || found?.state === "pending";
      const isRight =
        isEvaluated && found?.health === "ok" && (labels.saved_query === undefined || isFiring);
      return isRight
        ? []
        : [`${title}: ${found?.state} ${found?.health} ${found?.lastError ?? ""}`];
    });
    if (wrong.length === 0) {
      return;
    }
    assert.ok(performance.now() < giveUpAt, wrong.join("\n"));
    await delay(2_000);
  }
}
