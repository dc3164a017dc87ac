import assert from "node:assert/strict";
import { test } from "node:test";
import { createSavedQueries, type SavedQuery } from "#contract";
import { miniserve } from "#miniserve";
import type { Finding } from "./findings.ts";
import { printFindings, printLinks } from "./print.ts";

const query = (wanted: string): SavedQuery => {
  const found = createSavedQueries(miniserve).find(({ id }) => id === wanted);
  assert.ok(found);
  return found;
};

function print(show: (screen: Parameters<typeof printFindings>[0]) => void): string {
  const said: string[] = [];
  show({
    say: (...lines) => {
      said.push(...lines);
    },
    style: (_, text) => text,
    columns: 120,
  });
  return said.join("\n");
}

const none = { planted: [], notPlanted: 0, found: [], others: 0 };

test("what could not be planted looks unlike what was never meant to be", () => {
  const findings: Finding[] = [
    { ...none, query: query("slow-retrieval"), notPlanted: 1 },
    { ...none, query: query("broken-sums") },
    { ...none, query: query("orphans"), planted: ["a"], found: ["a"] },
  ];
  const said = print((screen) => printFindings(screen, findings));
  assert.match(said, /✗ +slow-retrieval .*could not be planted/);
  assert.match(said, /– +broken-sums .*a correct server never sends it/);
  assert.match(said, /✓ +orphans/);
});

test("the query to try needs no value, and each trace stands below the server that made it", () => {
  const findings: Finding[] = [
    { ...none, query: query("one-request"), planted: ["a"], found: ["a"] },
    { ...none, query: query("orphans"), planted: ["b"], found: ["b"] },
  ];
  const plant = { foundBy: [], requestId: "", reason: "" };
  const planted = [
    { ...plant, what: "killed", server: "demo", traceIds: ["b"] },
    { ...plant, what: "refused", server: "stack", traceIds: ["a"] },
  ] as const;
  const links = { pagesUrl: null, traceLink: () => undefined };
  const said = print((screen) => printLinks(screen, links, planted, findings));
  assert.match(said, /npm run query -- orphans/);
  assert.match(
    said,
    /from the running server\nrefused\n[\s\S]*the demo's own server[\s\S]*\nkilled\n/,
  );
});
