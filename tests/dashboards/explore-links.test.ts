/** The links to Explore of a dashboard for one build, followed for builds that would be patterns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { generatedFiles } from "../../dashboards/index.ts";
import { toServices } from "../../tests/support/services.ts";
import { readDashboards, replaceVariables } from "../support/dashboard-panels.ts";
import {
  embeddedStore,
  type Store,
  send,
  settleMs,
  skipWithoutTempo,
  tempo,
} from "../support/stores.ts";
import { completeRequest } from "../support/traces/complete-request.ts";

/** Each beside one that it would also find, were it a pattern. */
const builds = ["1.0.0+build.5", "1.0.00build.5", "a|b", "a", "(x)", "x", "a.b", "axb", "50%&#"];

/** A slow request of each build, none of which any other run has. */
function slowRequests(run: string): Map<string, readonly Span[]> {
  const { key } = miniserve.resource.attributes.serviceVersion;
  return new Map(
    builds.map((build) => {
      const version = `${build}${run}`;
      const spans = completeRequest(miniserve, {
        startTimeUnixNano: BigInt(Date.now() - 60_000) * 1_000_000n,
        spans: { handler: { milliseconds: 15_000 } },
      }).map((span) => {
        const attributes = span.resource.attributes.map((attribute) =>
          attribute.key === key
            ? { key, value: { type: "string", value: version } as const }
            : attribute,
        );
        return { ...span, resource: { ...span.resource, attributes } };
      });
      return [version, spans];
    }),
  );
}

/** What the link of "Slow requests" asks in Explore, when a build or none is chosen. */
async function asked(values: Readonly<Record<string, string>>): Promise<string> {
  const catalogue = readDashboards(await generatedFiles(toServices(miniserve))).get(
    "saved-queries",
  );
  assert.ok(catalogue);
  const text = catalogue.panels.find(
    ({ type, title }) => type === "text" && title === "Slow requests",
  );
  const [, link = ""] = /\]\((\/explore[^)]+)\)/.exec(text?.options?.content ?? "") ?? [];
  const url = replaceVariables(link, catalogue.templating, { __from: "0", __to: "1", ...values });
  const panes = new URL(url, "http://grafana").searchParams.get("panes") ?? "{}";
  return JSON.parse(panes).llm.queries[0].query;
}

async function tracesFound({ api }: Store, query: string): Promise<string[]> {
  const answer = await fetch(
    `${api}/api/search?${new URLSearchParams({ q: query, limit: "100" })}`,
  );
  assert.equal(answer.status, 200, query);
  const { traces = [] } = (await answer.json()) as { traces?: { traceID: string }[] };
  return traces.map(({ traceID }) => traceID.padStart(32, "0")).sort();
}

async function followEach(store: Store, run: string, settle: number): Promise<void> {
  const planted = slowRequests(run);
  await send(store, [...planted.values()].flat());
  await sleep(settle);
  const ids: string[] = [];
  for (const [serviceVersion, [span]] of planted) {
    const query = await asked({ serviceVersion });
    assert.deepEqual(await tracesFound(store, query), [span?.traceId], query);
    ids.push(span?.traceId ?? "");
  }
  const all = await tracesFound(store, await asked({}));
  assert.deepEqual(
    ids.filter((id) => !all.includes(id)),
    [],
    "all builds",
  );
}

test("a link to Explore finds the requests of the build that is chosen, and no other", async (t) => {
  await followEach(await embeddedStore(t), "", 0);
});

test("and so in a real Tempo", { skip: skipWithoutTempo }, async () => {
  await followEach(tempo, `-${Date.now()}`, settleMs);
});
