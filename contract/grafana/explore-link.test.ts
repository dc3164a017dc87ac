import assert from "node:assert/strict";
import { test } from "node:test";
import { exploreLink } from "./explore-link.ts";

const query = '{ name = "a" && .b =~ "50%+|#1" } &~ { } | rate() with (a = 1)';

function readQuery(link: string): unknown {
  const panes = new URL(link, "http://grafana.invalid").searchParams.get("panes");
  const { llm } = JSON.parse(panes ?? "") as { llm: { queries: { query: string }[] } };
  return llm.queries[0]?.query;
}

test("a link has its query whole, also where Grafana decodes it once more before it is followed", () => {
  const link = exploreLink(query);
  assert.equal(readQuery(link), query);
  assert.equal(readQuery(decodeURIComponent(link)), query);
});
