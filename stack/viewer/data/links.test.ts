import assert from "node:assert/strict";
import { test } from "node:test";
import type { Frame } from "./frame.ts";
import { createLink, dataLinks, type LinkContext, safeAddress } from "./links.ts";

const context: LinkContext = {
  variables: new Map([
    ["version", { values: ["9f2c1e0"], text: "9f2c1e0", isAll: false }],
    ["kept", { values: ["x"], text: "x", isAll: false, isHidden: true }],
  ]),
  raw: { from: "now-1h", to: "now" },
  range: { fromMs: 1000, toMs: 61_000 },
};

test("only addresses of this page, http and https may be followed", () => {
  for (const address of [
    "/d/uid",
    "/explore?panes=x",
    "?from=now-1h",
    "#row",
    "https://a.example/b",
  ]) {
    assert.equal(safeAddress(address), address);
  }
  for (const address of [
    "javascript:alert(1)",
    " JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "d/uid",
    "",
  ]) {
    assert.equal(safeAddress(address), undefined, address);
  }
});

function frameWith(value: string): Frame {
  const links = [
    {
      title: "Open $version",
      url: "/d/one?var-id=${__data.fields.traceIdHidden}&${__url_time_range}",
    },
    {
      title: "By its value",
      url: '/x?v=${__value.raw}&n=${__data.fields["Span ID"]}&at=${__value.time}',
    },
    { title: "Never", url: "${__value.raw}" },
  ];
  return {
    fields: [
      { name: "traceIdHidden", type: "string", values: ["abc"], config: {} },
      { name: "spanID", type: "string", values: ["s1"], config: { displayName: "Span ID" } },
      { name: "time", type: "time", values: [5000], config: {} },
      { name: "name", type: "string", values: [value], config: { links } },
    ],
  };
}

function linksOn(value: string) {
  const frame = frameWith(value);
  const field = frame.fields[3];
  assert.ok(field !== undefined);
  return dataLinks(context, { frame, field, row: 0 });
}

test("links of a value know its row and the time range as it is written", () => {
  assert.deepEqual(linksOn("decode"), [
    { title: "Open 9f2c1e0", href: "/d/one?var-id=abc&from=now-1h&to=now", isNewTab: false },
    { title: "By its value", href: "/x?v=decode&n=s1&at=5000", isNewTab: false },
  ]);
});

test("a value of a trace is a part of a parameter, and never the address", () => {
  const titles = linksOn("javascript:alert(1)").map(({ title }) => title);
  assert.deepEqual(titles, ["Open 9f2c1e0", "By its value"]);
  assert.equal(linksOn("a&var-id=b#c")[1]?.href, "/x?v=a%26var-id%3Db%23c&n=s1&at=5000");
});

test("links of a dashboard take time and variables along as they say", () => {
  const link = { title: "Other", url: "/d/other", keepTime: true, includeVars: true };
  assert.equal(createLink(link, context)?.href, "/d/other?from=now-1h&to=now&var-version=9f2c1e0");
  assert.equal(createLink({ title: "Bare", url: "/d/other?x=1" }, context)?.href, "/d/other?x=1");
  assert.equal(
    createLink({ title: "From here", url: "/x?from=${__from}&to=${__to}&r=$__range" }, context)
      ?.href,
    "/x?from=1000&to=61000&r=60s",
  );
});
