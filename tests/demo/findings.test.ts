/** What a demo says of its plants, in a store that has much else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPlanted } from "../../scripts/demo/findings.ts";
import { createTraceSpans } from "../queries/seeded-requests.ts";
import { embeddedStore, send } from "../support/stores.ts";

test("a plant is found also where a query finds more than one search answers", async (t) => {
  const store = await embeddedStore(t);
  const startsAt = Math.floor(Date.now() / 1000) - 60;
  const cutOff = [{ spans: { decode: { values: { stopReason: "length" } } } }] as const;
  const others = 1_200;
  const traces = Array.from({ length: others + 1 }, (_, index) =>
    createTraceSpans(cutOff, startsAt * 1000 + 1_000 + index * 40),
  );
  for (let first = 0; first < traces.length; first += 200) {
    await send(store, traces.slice(first, first + 200).flat());
  }
  const id = (index: number): string => traces.at(index)?.[0]?.traceId ?? "";
  const planted = [0, -1].map((index) => ({
    what: "an answer that ends in the middle",
    foundBy: ["cut-off-by-length"],
    server: "stack" as const,
    traceIds: [id(index)],
    requestId: "",
    reason: "",
  }));
  const findings = await findPlanted({ tempoUrl: store.api, startsAt }, planted);
  const finding = findings.find(({ query }) => query.id === "cut-off-by-length");
  assert.deepEqual(finding?.found, [id(0), id(-1)]);
  assert.equal(finding?.others, others - 1);
});
