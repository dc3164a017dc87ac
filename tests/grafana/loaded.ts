/** What a Grafana has: everything once, and in order. */
import assert from "node:assert/strict";
import { askGrafana, runningGrafana } from "./grafana-under-test.ts";
import { expected, type Seeded } from "./seeded.ts";

interface Named {
  readonly uid: string;
  readonly title?: string;
  readonly name?: string;
}

export async function checkLoaded({ grafana, running }: Seeded): Promise<void> {
  const [folders, datasources, dashboards, rules] = await Promise.all(
    [
      "GET /api/folders?limit=1000",
      "GET /api/datasources",
      "GET /api/search?type=dash-db&limit=1000",
      "GET /api/v1/provisioning/alert-rules",
    ].map((request) => askGrafana<readonly Named[]>(grafana, request)),
  );
  for (const [kind, found = []] of Object.entries({ folders, datasources, dashboards, rules })) {
    const titles = found.map(({ title, name }) => title ?? name ?? "");
    assert.deepEqual(titles, [...new Set(titles)], `${kind} of one title`);
  }
  const isOurs = runningGrafana === "";
  for (const [kind, found = [], wanted] of [
    ["datasources", datasources, expected.datasources],
    ["dashboards", dashboards, expected.dashboards],
    ["rules", rules, expected.rules],
  ] as const) {
    const wantedUids = wanted.map(({ uid }) => uid).sort();
    // A Grafana that ran before may have more.
    const uids = found.map(({ uid }) => uid).filter((uid) => isOurs || wantedUids.includes(uid));
    assert.deepEqual(uids.sort(), wantedUids, kind);
  }
  for (const { uid } of expected.datasources.filter((one) => running.has(one.uid))) {
    // Tempo's datasource has no health of its own in 12.2: it is asked through Grafana.
    const request =
      uid === "tempo"
        ? "GET /api/datasources/proxy/uid/tempo/api/search/tags"
        : `GET /api/datasources/uid/${uid}/health`;
    await askGrafana(grafana, request);
  }
}
