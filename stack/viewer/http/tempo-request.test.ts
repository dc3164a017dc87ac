import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findTempoRequest } from "./tempo-proxy.ts";

const seed = 34;

test("what reads traces is asked as it was", () => {
  for (const path of [
    "/api/echo",
    "/api/search",
    "/api/v2/search/tags",
    "/api/v2/search/tag/span.llm.model/values",
    "/api/search/tag/service.name/values",
    "/api/v2/search/tag/resource.k8s.io%2Fname/values",
    "/api/v2/search/tag/.%C3%BCber/values",
    "/api/v2/traces/0af7651916cd43dd8448eb211c80319c",
    "/api/traces/ab",
    "/api/metrics/query_range",
  ]) {
    assert.equal(findTempoRequest(path, ""), path);
    assert.equal(findTempoRequest(path, "?q=%7B%7D&limit=2"), `${path}?q=%7B%7D&limit=2`);
  }
});

const strangers = [
  "..\\..\\..\\flush#",
  "..%5c..%5cflush",
  "%2e%2e%2f%2e%2e%2fflush",
  "%252e%252e%252fflush",
  "..%2f..%2fflush",
  "..",
  ".",
  "%2e%2e",
  "...",
  "a/../../flush",
  "a%2f..%2f..%2fflush",
  "a%2f%2fflush",
  "%2fflush",
  "a;b",
  "a%3bb",
  "a#b",
  "a%23",
  "a%3fb",
  "a%0d%0aHost:%20evil",
  "a%00",
  "%ff",
  "%",
  "",
];

test("what could be a path of its own to anybody is not asked", () => {
  for (const name of strangers) {
    for (const api of ["search", "v2/search"]) {
      assert.equal(findTempoRequest(`/api/${api}/tag/${name}/values`, ""), undefined, name);
    }
  }
  for (const path of [
    "http://elsewhere.example/api/search",
    "//api/search",
    "/api//search",
    "/api/search/",
    "/api/search%2ftags",
    "/API/search",
    "/api/search;x",
    "/api/./search",
    "/api/traces/0af7651916cd43dd8448eb211c80319c%2f..",
    `/api/traces/${"a".repeat(33)}`,
    "/flush",
    "/shutdown",
    "\\api\\search",
    "/api/search\t",
    "",
  ]) {
    assert.equal(findTempoRequest(path, ""), undefined, path);
  }
});

test("whatever is written, the address that is asked is one of the list", (t) => {
  t.diagnostic(`seed ${seed}`);
  const piece = fc.oneof(
    fc.constantFrom(..."./\\#?;%@:", "%2e", "%2f", "%5c", "%25", "..", "//", "\u0000", "\r\n"),
    fc.constantFrom("flush", "values", "api", "search", "tag", "status", "config"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const name = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(name, name, fc.boolean(), (one, query, isTag) => {
      const path = isTag ? `/api/v2/search/tag/${one}/values` : `/api/${one}`;
      const asked = findTempoRequest(path, `?${query}`);
      if (asked !== undefined) {
        const url = new URL(`http://tempo:3200/prefix${asked}`);
        assert.equal(url.host, "tempo:3200");
        assert.equal(`${url.pathname}${url.search}`, `/prefix${asked}`, "it is not normalized");
        const decoded = decodeURIComponent(decodeURIComponent(url.pathname));
        assert.match(
          decoded,
          /^\/prefix\/api\/(v2\/search\/tag\/.+\/values|echo|search|search\/tags)$/s,
        );
        assert.doesNotMatch(decoded, /\/\.{1,2}(\/|$)|\\/);
        assert.equal(url.hash, "");
      }
    }),
    { seed, numRuns: 5_000 },
  );
});
