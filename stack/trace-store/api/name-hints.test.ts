import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Contract, emptyResource, type Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { openStore } from "../store/index.ts";
import { startApiUnderTest, startS } from "../testing/api-under-test.ts";
import { decodeTempo } from "../testing/decode-tempo.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { createTraceqlEngine } from "../traceql/index.ts";

const text = (key: string, value: string) => ({ key, value: { type: "string", value } }) as const;
const oddName = "odd\u001b[31m\r\nname ü";
const span: Span = sampleSpan({
  name: "of a stranger",
  attributes: [text("cart.size", "3"), text(oddName, "1"), text("x", "1")],
  resource: {
    ...emptyResource,
    attributes: [text("service.name", "shop"), text("cloud.region", "eu")],
  },
  events: [
    {
      timeUnixNano: BigInt(startS) * 1_000_000_000n,
      name: "event",
      attributes: [text("cause", "1")],
      droppedAttributesCount: 0,
    },
  ],
});

async function startHints(context: TestContext, spans: readonly Span[] = [span]) {
  const { ask } = await startApiUnderTest(context, spans);
  const range = { start: `${startS - 60}`, end: `${startS + 60}` };
  return async (q: string, path = "/api/search", headers = {}) => {
    const answer = await ask(path, { q, ...range }, headers);
    assert.equal(answer.status, 200, `${q.slice(0, 200)}: ${answer.text}`);
    return { ...answer, hint: answer.headers["x-query-hint"] };
  };
}

const { tokensOut, outcome } = miniserve.attributes;
const { decode } = miniserve.spans;
const [firstOutcome = ""] = outcome.values ?? [];

/** A query → what it should have said. */
const meant: Readonly<Record<string, string>> = {
  "{ span.llm.tokens.ou = 0 }": "span.llm.tokens.out",
  "{ span.llm.token.out = 0 }": "span.llm.tokens.out",
  "{ span.LLM.tokens.out = 0 }": "span.llm.tokens.out",
  "{ span.tokens.out = 0 }": "span.llm.tokens.out",
  "{ .llm.tokens.ou = 0 }": ".llm.tokens.out",
  "{ resource.llm.tokens.out = 0 }": "span.llm.tokens.out",
  '{ span.service.name = "shop" }': "resource.service.name",
  '{ resource.service.nam = "shop" }': "resource.service.name",
  "{ span.cart.siz = 0 }": "span.cart.size",
  '{ span.cloud.region = "eu" }': "resource.cloud.region",
  '{ span.cause = "1" }': "event.cause",
  '{ .cause = "1" }': "event.cause",
  '{ event.exception.typ = "1" }': "event.exception.type",
  "{ span.duration > 1s }": "duration",
  '{ .name = "x" }': "name",
  '{ event.name = "x" }': "event:name",
  "{ } | by(span.cart.siz)": "span.cart.size",
  "{ } | select(span.cart.siz)": "span.cart.size",
  "{ } | avg(span.cart.siz) > 1": "span.cart.size",
  "{ } >> { span.cart.siz = 1 }": "span.cart.size",
  [`{ name = "${decode.name.slice(0, -1)}" }`]: `"${decode.name}"`,
  [`{ span.${outcome.key} = "${firstOutcome.slice(0, -1)}" }`]: `"${firstOutcome}"`,
};

test("a name that neither the contract nor a span has gets the nearest as a hint", async (context) => {
  const fetchHints = await startHints(context);
  for (const [q, name] of Object.entries(meant)) {
    const { hint } = await fetchHints(q);
    assert.match(String(hint), /^Neither the contract nor any stored span has /, q);
    assert.ok(String(hint).endsWith(` Did you mean ${name}?`), `${q}: ${hint}`);
  }
  const { hint } = await fetchHints("{ span.nothing.like.it = 1 }");
  assert.equal(hint, "Neither the contract nor any stored span has span.nothing.like.it.");
  const several = await fetchHints(
    "{ span.cart.siz = 1 || span.cart.siz = 2 || span.llm.tokens.ou = 1 }",
  );
  assert.equal(String(several.hint).split("Did you mean").length, 3);
});

test("a name that the contract had before gets the one of now", async () => {
  const { attributes, resource } = miniserve;
  const renamed: Contract = {
    ...miniserve,
    attributes: { ...attributes, tokensOut: { ...tokensOut, renamedFrom: ["gen_ai.usage.made"] } },
    resource: {
      ...resource,
      attributes: {
        ...resource.attributes,
        serviceName: { ...resource.attributes.serviceName, renamedFrom: ["app"] },
      },
    },
  };
  const store = await openStore([renamed], { directory: temporaryDirectory() });
  const engine = createTraceqlEngine(store);
  for (const [asked, now] of [
    ["span.gen_ai.usage.made", "span.llm.tokens.out"],
    [".gen_ai.usage.made", ".llm.tokens.out"],
    ["resource.app", "resource.service.name"],
  ]) {
    assert.deepEqual(await engine.nameHints(`{ ${asked} != nil }`, { foundNothing: true }), [
      `Neither the contract nor any stored span has ${asked}. Did you mean ${now}?`,
    ]);
  }
  await store.close();
});

test("metrics have hints, over time and as one value, and so have answers in protobuf", async (context) => {
  const fetchHints = await startHints(context);
  for (const path of ["/api/metrics/query", "/api/metrics/query_range"]) {
    for (const q of [
      "{ span.llm.tokens.ou = 0 } | rate()",
      "{ } | rate() by (span.llm.tokens.ou)",
      "{ } | sum_over_time(span.llm.tokens.ou)",
      "{ } | compare({ span.llm.tokens.ou = 0 })",
    ]) {
      const { hint } = await fetchHints(q, path);
      assert.match(String(hint), /Did you mean span\.llm\.tokens\.out\?$/, `${path} ${q}`);
    }
  }
  const { hint, body } = await fetchHints("{ span.llm.tokens.ou = 0 }", "/api/search", {
    accept: "application/protobuf",
  });
  assert.match(String(hint), /span\.llm\.tokens\.out\?$/);
  assert.deepEqual(decodeTempo("SearchResponse", body).traces ?? [], []);
  const json = await fetchHints("{ span.llm.tokens.ou = 0 }");
  assert.deepEqual(JSON.parse(json.text), { traces: [], metrics: {} }, "Tempo's form, no more");
});

test("what the contract has or a span had gets none, found or not", async (context) => {
  const fetchHints = await startHints(context);
  const every = [
    ...Object.values(miniserve.attributes).map(({ key }) => `span.${key}`),
    ...Object.values(miniserve.resource.attributes).map(({ key }) => `resource.${key}`),
    ...["span.cart.size", ".cart.size", "span.x", ".cloud.region", "event.cause"],
    ...["event.exception.message", "resource.service.name", ".service.name"],
  ].map((name) => `{ ${name} = 987654321 }`);
  const others = [
    "{ }",
    "{ duration > 3h }",
    '{ statusMessage = "x" && rootName = "y" && event:name = "z" && link:traceID = "1" }',
    `{ span."${"odd\\u001b[31m\\r\\nname ü"}" = "2" }`,
    '{ name = "of a stranger" && status = error }',
    `{ name = "${decode.name}" }`,
    `{ span.${outcome.key} = "${firstOutcome}" }`,
    '{ name =~ "of.*" && status = error }',
    '{ name != "nothing" && status = error }',
    "{ span.cart.size != nil } | count() > 5 | by(span.x) | select(event.cause)",
    "{ } | rate() by (name, resource.cloud.region)",
  ];
  for (const q of [...every, ...others]) {
    const path = q.includes("rate()") ? "/api/metrics/query" : "/api/search";
    assert.equal((await fetchHints(q, path)).hint, undefined, q);
  }
});

test("values are not doubted where something was found", async (context) => {
  const fetchHints = await startHints(context);
  const { hint } = await fetchHints(`{ name = "llm.decod" || name = "of a stranger" }`);
  assert.equal(hint, undefined);
});

test("an empty store knows the contract", async (context) => {
  const fetchHints = await startHints(context, []);
  assert.equal((await fetchHints(`{ span.${tokensOut.key} = 0 }`)).hint, undefined);
  assert.match(String((await fetchHints("{ span.llm.tokens.ou = 0 }")).hint), /tokens\.out\?$/);
});

test("what a name is made of reaches no terminal and no header, and is short", async (context) => {
  const fetchHints = await startHints(context);
  const { hint } = await fetchHints('{ span."odd\\u001b[31m\\r\\nnamé ü" = 1 }');
  assert.equal(
    hint,
    String.raw`Neither the contract nor any stored span has span."odd\u001b[31m\r\nnam\u{e9} \u{fc}". Did you mean span."odd\u001b[31m\r\nname \u{fc}"?`,
  );
  const long = await fetchHints(
    `{ span.${"a".repeat(40_000)} = 1 || span.${"😀".repeat(3_000)} = 1 }`,
  );
  assert.ok(String(long.hint).length < 3_000, `${String(long.hint).length}`);
  const value = await fetchHints(`{ name = "\\u0000\\u009b😀" }`);
  assert.match(String(value.hint), /^[\x20-\x7e]+$/);
});
