import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import {
  embeddedStore,
  type Store,
  send,
  settleMs,
  skipWithoutTempo,
  tempo,
} from "../support/stores.ts";
import { listWireNames, withWireName } from "../support/wire-names.ts";
import { listSeededSpans, liveRequests } from "./live-requests.ts";
import { fetchAnswer, hasData, type PanelAnswer, panelQueries } from "./panel-answers.ts";

/** Panels that have nothing to show after all that was asked, each with its reason. */
const emptyPanels: Readonly<Record<string, string>> = {};

/** Where a Tempo 3.0.3 answers a panel otherwise; docs/traceql.md says why. */
const knownDifferences: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /(quantile|histogram)_over_time/, reason: "Tempo leaves out what is below 2." },
  { pattern: /topk/, reason: "Tempo takes any of equal values, at each step." },
  { pattern: /[})] (!|&)?(>>?|<<?|~) [{(]/, reason: "Tempo relates nothing below a lost parent." },
];

async function fetchAnswers(
  { api }: Store,
  values: Readonly<Record<string, string>>,
  contract = miniserve,
) {
  const answers = new Map<string, PanelAnswer>();
  for (const panel of await panelQueries(contract, values)) {
    answers.set(`${panel.where}\n${panel.query}`, await fetchAnswer(api, panel));
  }
  assert.ok(answers.size > 100);
  return answers;
}

/** Where panels are empty that should not be, or the other way round. */
function assertFilled(answers: ReadonlyMap<string, PanelAnswer>): void {
  const empty = [...answers].filter(([, answer]) => !hasData(answer)).map(([panel]) => panel);
  const expected = Object.keys(emptyPanels);
  assert.deepEqual(
    empty.filter((panel) => !expected.includes(panel.split("\n")[0] ?? "")),
    [],
    "panels without data",
  );
  assert.equal(empty.length, expected.length, "panels that were to be empty have data");
}

test("before the first request, no panel of any dashboard fails", async (t) => {
  const store = await embeddedStore(t);
  const answers = await fetchAnswers(store, {
    traceId: "0".repeat(31).concat("1"),
    request: "none",
  });
  for (const [panel, answer] of answers) {
    assert.equal(hasData(answer), false, panel);
  }
  await fetchAnswers(store, {});
});

test("after requests of all kinds, every panel has data, and so has every saved query", async (t) => {
  const { spans, traceId, requestId, serviceVersion } = await liveRequests(t);
  const values = { traceId, request: requestId, serviceVersion };
  const embedded = await embeddedStore(t);
  await send(embedded, spans);
  const answers = await fetchAnswers(embedded, values);
  assertFilled(answers);
  for (const { id, search, table, newest, count } of createSavedQueries(miniserve, { values })) {
    for (const query of [search, table, newest, ...(count === null ? [] : [count])]) {
      const target = { refId: "A", datasource: { type: "", uid: "" }, metricsQueryType: "instant" };
      const answer = await fetchAnswer(embedded.api, { where: id, query, target });
      assert.ok(hasData(answer), `${id}: ${query}`);
    }
  }

  await t.test("a build that does not exist has none", async () => {
    const chosen = { ...values, serviceVersion: "no.such.build" };
    for (const [panel, answer] of await fetchAnswers(embedded, chosen)) {
      assert.equal(hasData(answer), panel.includes(traceId), panel);
    }
  });

  await t.test("a real Tempo gives the same panels", { skip: skipWithoutTempo }, async () => {
    await send(tempo, spans);
    await sleep(settleMs);
    const theirs = await fetchAnswers(tempo, values);
    assertFilled(theirs);
    const differing = [...answers]
      .map(([panel, answer]) => ({ panel, embedded: answer, tempo: theirs.get(panel) }))
      .filter(({ embedded, tempo }) => !isSame(embedded, tempo));
    for (const { panel } of differing) {
      t.diagnostic(`differs: ${panel.split("\n")[0]}: ${findReason(panel)}`);
    }
    assert.deepEqual(
      differing.filter(({ panel }) => findReason(panel) === undefined),
      [],
    );
  });
});

test("with other names on the wire, every panel finds the same", async (t) => {
  // Short, because Tempo reads short queries only, and generation says so.
  const renamed = listWireNames(miniserve).reduce(
    (contract, { name }) => withWireName(contract, name, `new.${name}`),
    miniserve,
  );
  const found = [];
  for (const contract of [miniserve, renamed]) {
    const store = await embeddedStore(t, contract);
    const spans = listSeededSpans(contract);
    await send(store, spans);
    const values = { traceId: spans[0]?.traceId ?? "" };
    const answers = await fetchAnswers(store, values, contract);
    found.push(
      [...answers.values()].map(({ series, spans: count, isCut }) => ({
        count: isCut ? "cut" : count,
        series: [...series].map(([labels, value]) => [labels.replaceAll("new.", ""), value]),
      })),
    );
  }
  const [before, after] = found;
  assert.deepEqual(after, before);
});

function findReason(panel: string): string | undefined {
  return knownDifferences.find(({ pattern }) => pattern.test(panel))?.reason;
}

/** Sums are added in any order, so the last digits differ. */
function isSame(ours: PanelAnswer, theirs: PanelAnswer | undefined): boolean {
  const labels = [...new Set([...ours.series.keys(), ...(theirs?.series.keys() ?? [])])];
  return (
    ours.isCut === theirs?.isCut &&
    (ours.isCut || ours.spans === theirs.spans) &&
    labels.every((label) => {
      const [one = 0, other = 0] = [ours.series.get(label), theirs?.series.get(label)];
      return Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one));
    })
  );
}
