import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyResource, type Span } from "#contract";
import { type Ask, startApiUnderTest } from "../testing/api-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { conformanceQueries } from "../traceql/conformance/queries.ts";
import { completeMatchers } from "../traceql/tags/complete-matchers.ts";
import { damagedQuery, repetitive } from "../traceql/testing/oracle/damaged-queries.ts";

function createSpan(service: string, id: number, parent: number | null, name: string): Span {
  const text = (key: string, value: string) => ({ key, value: { type: "string", value } }) as const;
  const hex = (number: number) => number.toString(16).padStart(16, "0");
  return sampleSpan({
    traceId: Buffer.from(service.padEnd(16)).toString("hex"),
    spanId: hex(id),
    parentSpanId: parent === null ? null : hex(parent),
    name,
    attributes: [text("of", `${service} ${name}`), text(`only.${service}`, "1")],
    resource: { ...emptyResource, attributes: [text("service.name", service)] },
  });
}

const spans = [
  createSpan("shop", 1, null, "root"),
  createSpan("shop", 2, 1, "child"),
  createSpan("bill", 3, null, "root"),
];
const paths = {
  names: "/api/v2/search/tags",
  values: "/api/v2/search/tag/span.of/values",
  olderNames: "/api/search/tags",
  olderValues: "/api/search/tag/of/values",
};

async function namesAndValues(ask: Ask, q: string) {
  const answers: Record<string, string[]> = {};
  for (const [what, path] of Object.entries(paths)) {
    const { status, text } = await ask(path, { q, scope: "span" });
    assert.equal(status, 200, `${path} ${q}: ${text}`);
    const { scopes, tagNames, tagValues } = JSON.parse(text);
    const named = scopes === undefined ? tagNames : (scopes[0]?.tags ?? []);
    answers[what] =
      tagValues === undefined
        ? named
        : tagValues.map((one: string | { value: string }) =>
            typeof one === "string" ? one : one.value,
          );
  }
  const { names, values, olderNames, olderValues } = answers;
  assert.deepEqual([olderNames, olderValues], [names, values], q);
  return { names, values };
}

const ofShop = ["shop child", "shop root"];
const all = ["bill root", ...ofShop];

/** What an editor sends while a query is typed → the values that `span.of` has in what is complete. */
const queries: Readonly<Record<string, readonly string[]>> = {
  '{ resource.service.name = "shop" && resource.cluster = }': ofShop,
  '{ resource.service.name = "shop" && span.': ofShop,
  '{ resource.cluster = && resource.service.name = "shop" }': ofShop,
  '{ name = "child" && resource.service.name = "': ["shop child"],
  '{ resource.service.name = "shop" || resource.cluster = }': all,
  '{ resource.service.name = "shop" } >> { name = ': ["shop child"],
  '{ resource.service.name = "shop" } | count() >': ofShop,
  "{ resource.service.name = ": all,
  "{ }": all,
  "{ resource.service.name = 'shop' }": all,
  "({ } | count()) > 2": all,
  "{ parent.of = 1": all,
  "any words": all,
  '{ resource.service.name = "shop" && name =~ "[" }': ofShop,
  '{ name =~ "(child|" && resource.service.name = "shop" }': ofShop,
  '{ name =~ "(child|" || resource.service.name = "shop" }': all,
  '{ name =~ "[" && name !~ "(" && resource.service.name = "shop" && name =~ "ch.*" }': [
    "shop child",
  ],
  '{ resource.service.name = "shop" } | by(name =~ "[")': ofShop,
  '{ resource.service.name = "shop" } && { name =~ "*" }': ofShop,
  '{ resource.service.name = "shop" /* and': ofShop,
};

test("names and values are those of what is complete of a query, in both forms", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const [q, expected] of Object.entries(queries)) {
    const { names, values } = await namesAndValues(ask, q);
    assert.deepEqual(values, expected, q);
    const services = ["bill", "shop"].filter((name) =>
      expected.some((one) => one.startsWith(name)),
    );
    assert.deepEqual(names, ["of", ...services.map((name) => `only.${name}`)].sort(), q);
  }
});

/** Twice, for both addresses. */
const wrongPatterns = ["[", "["].map(
  (end) => `{ resource.service.name = "shop" && name =~ "${end}" }`,
);

test("every query of the conformance table can be typed, character by character", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const { searches, metrics, invalid } = conformanceQueries("shop");
  /** Each that means something else than those before. */
  const beginnings = new Map<string, string>();
  for (const query of [...searches, ...metrics, ...invalid]) {
    for (let length = 0; length <= query.length; length += 1) {
      const beginning = query.slice(0, length);
      const brief = JSON.stringify(completeMatchers(beginning), (_, value) =>
        typeof value === "bigint" ? `${value}n` : value,
      );
      beginnings.set(brief, beginning);
    }
  }
  context.diagnostic(`${beginnings.size} beginnings`);
  // Asking for all of them takes long, and planning, where they differ, is what every third does as well.
  const asked = [...beginnings.values()].filter((_, index) => index % 3 === 0);
  for (const [index, q] of [...asked, ...wrongPatterns].entries()) {
    const path = index % 2 === 0 ? paths.names : paths.values;
    const { status, text } = await ask(path, { q });
    assert.equal(status, 200, `${path} ${q}: ${text}`);
  }
});

const seed = 91_327;

test(`a query that was damaged by chance, or is long, is no fault beside names (seed ${seed})`, async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const damaged = fc.sample(damagedQuery, { seed, numRuns: 500 });
  const long = [9, 400, 6_000].flatMap(repetitive);
  for (const [index, text] of [...damaged, ...long].entries()) {
    const q = text.slice(0, 200_000);
    const path = index % 2 === 0 ? paths.names : paths.values;
    const { status, text: body } = await ask(path, { q });
    assert.equal(status, 200, `${path} ${q.slice(0, 500)}: ${body}`);
  }
});

test("a search is not asked with an unfinished query", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const q of Object.keys(queries)) {
    const { status } = await ask("/api/search", { q });
    assert.equal(status, q === "{ }" ? 200 : 400, q);
  }
});
