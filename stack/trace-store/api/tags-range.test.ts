import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResource, type Span } from "#contract";
import { type Ask, startApiUnderTest } from "../testing/api-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";

const minuteNs = 60_000_000_000n;
const { startTimeUnixNano: nowNs } = sampleSpan();

/** A span of a service of its own, with an attribute of its own in every scope, in minutes from now. */
function createSpan(name: string, fromMinutes: number, toMinutes: number): Span {
  const at = (minutes: number) => nowNs + BigInt(minutes) * minuteNs;
  const text = (key: string, value: string) => ({ key, value: { type: "string", value } }) as const;
  return sampleSpan({
    traceId: Buffer.from(name.padEnd(16)).toString("hex"),
    name,
    startTimeUnixNano: at(fromMinutes),
    endTimeUnixNano: at(toMinutes),
    attributes: [text(`span.${name}`, name), text("shared", name)],
    resource: {
      ...emptyResource,
      attributes: [text("service.name", name), text(`resource.${name}`, name)],
    },
    events: [
      {
        timeUnixNano: at(fromMinutes),
        name: "event",
        attributes: [text(`event.${name}`, name)],
        droppedAttributesCount: 0,
      },
    ],
  });
}

const spans = [
  createSpan("ended", -240, -181),
  createSpan("long", -180, 0),
  createSpan("touching", -150, -10),
  createSpan("inside", -5, -4),
  createSpan("later", 240, 241),
];
const seconds = (minutes: number) => String(nowNs / 1_000_000_000n + BigInt(minutes) * 60n);
const lastTenMinutes = { start: seconds(-10), end: seconds(0) };
const overlapping = ["inside", "long", "touching"];

const members = async (ask: Ask, path: string, parameters: Record<string, string>) => {
  const { status, text } = await ask(path, parameters);
  assert.equal(status, 200, text);
  return JSON.parse(text) as {
    scopes?: { name: string; tags: string[] }[];
    tagNames?: string[];
    tagValues?: (string | { value: string })[];
  };
};

test("names of spans that overlap the range are listed, and of no others, as in a search", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  for (const query of [{}, { q: "{ }" }, { q: "{ span.shared != nil }" }]) {
    const asked = { ...lastTenMinutes, ...query };
    const { scopes = [] } = await members(ask, "/api/v2/search/tags", asked);
    const named = Object.fromEntries(scopes.map(({ name, tags }) => [name, tags]));
    for (const scope of ["span", "resource", "event"]) {
      const own = (named[scope] ?? []).filter((tag) => tag.startsWith(`${scope}.`));
      assert.deepEqual(
        own,
        overlapping.map((name) => `${scope}.${name}`),
        JSON.stringify(query),
      );
    }
    const { tagNames = [] } = await members(ask, "/api/search/tags", asked);
    assert.deepEqual(
      tagNames.filter((tag) => tag.startsWith("resource.")),
      overlapping.map((name) => `resource.${name}`),
    );
  }
});

test("so are their values and services, also in the older form, and beside a query", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const pairs = [
    ["span.shared", "shared"],
    ["resource.service.name", "service.name"],
    [".shared", "shared"],
    ["name", "name"],
    ["rootServiceName", "root.service.name"],
  ] as const;
  for (const query of [{}, { q: "{ span.shared != nil }" }, { q: "{ } | count() > 0" }]) {
    for (const [tag, older] of pairs) {
      const asked = { ...lastTenMinutes, ...query };
      const { tagValues = [] } = await members(ask, `/api/v2/search/tag/${tag}/values`, asked);
      const values = tagValues.map((value) => (typeof value === "string" ? value : value.value));
      assert.deepEqual(values, overlapping, `${tag} ${JSON.stringify(query)}`);
      const before = await members(ask, `/api/search/tag/${older}/values`, asked);
      assert.deepEqual(before.tagValues, overlapping, older);
    }
  }
});

test("a search finds the same spans in that range", async (context) => {
  const { ask } = await startApiUnderTest(context, spans);
  const { text } = await ask("/api/search", { q: "{ }", ...lastTenMinutes });
  const found = JSON.parse(text).traces as { rootServiceName: string }[];
  assert.deepEqual(found.map(({ rootServiceName }) => rootServiceName).sort(), overlapping);
});
