import assert from "node:assert/strict";
import { test } from "node:test";
import { createSavedQueries, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { createTraceSpans, type SeededRequest } from "../queries/seeded-requests.ts";
import { stackUnderTest } from "./stack-under-test.ts";

const timeout = 180_000;

const traceId = "0af7651916cd43dd8448eb211c80319c";
const noToken: SeededRequest = {
  spans: { decode: { values: { tokensOut: 0, decodeSteps: 1 } } },
};

test("npm run query asks saved queries by their ids", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts", "--no-server");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const startMs = Date.now() - 30_000;
  const spans = [
    ...createTraceSpans([{}], startMs),
    ...createTraceSpans([noToken], startMs, { traceId }),
  ];
  const sent = await fetch(`http://127.0.0.1:${stack.ports.OTLP_HTTP_PORT}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: writeResourceSpans(spans, "otlp") }),
  });
  assert.equal(sent.status, 200);
  const query = (...given: string[]) =>
    stack.runWith({ COLUMNS: "240" }, "scripts/query.ts", ...given);

  const found = await query("empty-completions");
  assert.equal(found.exitCode, 0, found.stderr);
  const rows = found.stdout.split("\n").filter((line) => line.startsWith(traceId));
  assert.equal(rows.length, 1, "a request is one row, though two of its spans say the same");
  assert.match(rows[0] ?? "", / llm\.decode format\.output .* 0 +stop +1 /);
  assert.match(found.stdout, /^Empty completions: Which .*\?\n\{ resource\.service\.name = /);
  assert.match(found.stdout, /^1 trace\.\nWhat to do: /m);

  const more = await query("empty-completions", "--set", "threshold=500", "--json");
  const { query: asked, traces } = JSON.parse(more.stdout);
  assert.equal(traces.length, 2);
  assert.match(asked.search, /llm\.tokens\.out <= 500 \}$/);

  const other = await query("empty-completions", "--set", "threshold=0", "--set", "service=other");
  assert.equal(other.exitCode, 0);
  assert.match(other.stdout, /^Nothing was found /m);

  const all = await query("--all");
  assert.equal(all.exitCode, 0, all.stderr);
  const counts = new Map(
    [...all.stdout.matchAll(/^([a-z-]+) +(\d+) +(?:info|warning|critical) /gm)].map(
      ([, id = "", count]) => [id, Number(count)],
    ),
  );
  const counted = createSavedQueries(miniserve).filter(({ count }) => count !== null);
  assert.deepEqual(
    [...counts.keys()],
    counted.map(({ id }) => id),
  );
  const positive = [...counts].filter(([, count]) => count > 0);
  assert.deepEqual(positive, [
    ["empty-completions", 1],
    ["empty-answers", 1],
  ]);
});

test("npm run query says which saved queries there are, and what it cannot ask", async (t) => {
  const stack = await stackUnderTest(t);
  const query = (...given: string[]) =>
    stack.runWith({ COLUMNS: "240" }, "scripts/query.ts", ...given);
  const list = await query("--list");
  assert.equal(list.exitCode, 0, list.stderr);
  for (const { id, question } of createSavedQueries(miniserve)) {
    assert.ok(list.stdout.includes(`\n${id} `) && list.stdout.includes(question), id);
  }
  assert.match(list.stdout, /^slow-decode-steps +.* threshold=100 ms$/m);

  const unknown = await query("empty-completion");
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /\[query_unknown\]\nDid you mean empty-completions\?/);

  for (const wrong of [
    ["--list", "--all"],
    ["empty-completions", "--list"],
    ["{ }", "--set", "threshold=5"],
    ["one-request"],
  ]) {
    const unusable = await query(...wrong);
    assert.equal(unusable.exitCode, 2, wrong.join(" "));
    assert.match(unusable.stderr, /\[usage_invalid\]/);
  }
});
