import assert from "node:assert/strict";
import { test } from "node:test";
import { createSavedQueries, defineService, traceql } from "#contract";
import { miniserve } from "#miniserve";
import { checkout } from "../../tests/support/traces/checkout.ts";
import { createContext } from "../context.ts";
import { createHeadings, createSpanColumns } from "./span-columns.ts";

/** The columns of a saved query as a person sees them. */
function listQueryColumns(contract: typeof miniserve | typeof checkout, id: string): string[] {
  const query = createContext(defineService({ contract })).savedQueries.find(
    (one) => one.id === id,
  );
  assert.ok(query, id);
  const { shown } = createSpanColumns(contract, { text: query.newest });
  // Each column that every span has stands there by its other name too.
  const others = ["time", "name", "duration", "spanID"];
  return shown.filter((name) => !others.includes(name));
}

test("a table begins with when, what is measured, how long and how it ended; ids are last", () => {
  assert.deepEqual(listQueryColumns(miniserve, "slow-first-token"), [
    "Start time",
    "llm.request.time_to_first_token_us",
    "Duration",
    "llm.request.outcome",
    "statusMessage",
    "llm.request.slot_wait_us",
    "http.route",
    "llm.model",
    "status",
    "service.version",
    "deployment.environment",
    "Span ID",
  ]);
  assert.deepEqual(listQueryColumns(miniserve, "slow-requests").slice(-2), [
    "llm.request.id",
    "Span ID",
  ]);
});

test("where spans of several names are found, their names come first, and else not at all", () => {
  assert.deepEqual(listQueryColumns(miniserve, "broken-sums").slice(0, 3), [
    "Start time",
    "Name",
    "llm.cache.hits",
  ]);
  for (const { id, newest } of createSavedQueries(miniserve)) {
    const hasName = /select\(name[,)]/.test(newest);
    assert.equal(listQueryColumns(miniserve, id).includes("Name"), hasName, id);
  }
});

test("what was asked for is in no column: it is the same in each row", () => {
  assert.ok(!listQueryColumns(miniserve, "failed-requests").includes("llm.request.outcome"));
  assert.ok(!listQueryColumns(miniserve, "cut-off-by-length").includes("llm.stop_reason"));
  // One of several spans has it, the other not.
  assert.ok(listQueryColumns(miniserve, "much-in-nothing-out").includes("llm.tokens.out"));
});

test("an id stands first where the table is about it", () => {
  const query = traceql(miniserve).spans("handler").select("requestId");
  assert.deepEqual(createSpanColumns(miniserve, query).shown.slice(0, 3), [
    "time",
    "Start time",
    "llm.request.id",
  ]);
});

test("of any contract, and of an attribute only by its whole name", () => {
  for (const { id } of createSavedQueries(checkout)) {
    assert.deepEqual(listQueryColumns(checkout, id).slice(-1), ["Span ID"], id);
  }
  const query = traceql(miniserve).spans("decode").select("tokensOut");
  const { shown } = createSpanColumns(miniserve, query);
  assert.ok(shown.includes("llm.tokens.out") && !shown.includes("llm.tokens.in"));
});

test("headings of long names leave out the namespace, unless two would be called the same", () => {
  assert.deepEqual(
    [...createHeadings(["http.route", "llm.tokens.in", "llm.doc.name", "rag.doc.name"]).values()],
    ["http.route", "tokens.in", "llm.doc.name", "rag.doc.name"],
  );
});
