import assert from "node:assert/strict";
import { test } from "node:test";
import { stackUnderTest } from "./stack-under-test.ts";

const timeout = 180_000;

function createExport(name: string, spanId: string, tokens: number) {
  const start = BigInt(Date.now()) * 1_000_000n - 5_000_000_000n;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  return {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "miniserve")] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: "0af7651916cd43dd8448eb211c80319c",
                spanId,
                name,
                startTimeUnixNano: String(start),
                endTimeUnixNano: String(start + 40_000_000n),
                attributes: [{ key: "llm.tokens.out", value: { intValue: String(tokens) } }],
              },
            ],
          },
        ],
      },
    ],
  };
}

test("npm run query finds spans, measures, and says what it cannot do", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts", "--no-server");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  for (const [name, spanId, tokens] of [
    ["llm.decode", "00f067aa0ba902b7", 0],
    ["llm.decode", "00f067aa0ba902b8", 16],
  ] as const) {
    const sent = await fetch(`http://127.0.0.1:${stack.ports.OTLP_HTTP_PORT}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(createExport(name, spanId, tokens)),
    });
    assert.equal(sent.status, 200);
  }
  const query = (...given: string[]) => stack.run("scripts/query.ts", ...given);

  const found = await query("{ span.llm.tokens.out = 0 } | select(name)");
  assert.equal(found.exitCode, 0, found.stderr);
  assert.match(found.stdout, /^trace +started +duration +name +root +llm\.tokens\.out$/m);
  assert.match(found.stdout, /^0af7651916cd43dd8448eb211c80319c .* 40\.0 ms +llm\.decode .* 0$/m);
  assert.match(found.stdout, /^1 trace\.$/m);

  const json = await query("{ span.llm.tokens.out > 0 }", "--json");
  const { traces } = JSON.parse(json.stdout);
  assert.equal(traces[0].spanSets[0].spans[0].spanID, "00f067aa0ba902b8");

  const measured = await query("{ } | sum_over_time(span.llm.tokens.out) by (name)");
  assert.match(
    measured.stdout,
    /^name +value +least +most +over time\nllm\.decode +16 +16 +16 .*█/m,
  );

  const nothing = await query('{ name = "rate()" } ', "--since", "30m");
  assert.equal(nothing.exitCode, 0);
  assert.match(nothing.stdout, /^Nothing was found between .*--since looks further back\.$/m);

  const meant = "Did you mean span.llm.tokens.out?";
  for (const mistyped of [
    "{ span.llm.tokens.ou = 0 }",
    "{ } | min_over_time(span.llm.tokens.ou)",
  ]) {
    const hinted = await query(mistyped);
    assert.equal(hinted.exitCode, 0, hinted.stderr);
    assert.match(hinted.stdout, /^Neither the contract nor .* has span\.llm\.tokens\.ou\. /m);
    assert.ok(hinted.stdout.trimEnd().endsWith(meant), hinted.stdout);
    const report = JSON.parse((await query(mistyped, "--json")).stdout);
    assert.ok(report.hint.endsWith(meant));
  }
  const either = await query("{ span.llm.tokens.ou = 0 || span.llm.tokens.out = 0 }");
  assert.equal(either.exitCode, 0, either.stderr);
  assert.ok(either.stdout.includes(meant), either.stdout);

  const refused = await query("{ name = 5 }");
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /cannot be compared \[query_refused\]\n +\{ name = 5 \}\n {9}\^/);

  for (const wrong of [[], ["{ }", "--since", "soon"], ["{ }", "--limit", "0"]]) {
    const unusable = await query(...wrong);
    assert.equal(unusable.exitCode, 2);
    assert.match(unusable.stderr, /\[usage_invalid\]/);
  }
});
