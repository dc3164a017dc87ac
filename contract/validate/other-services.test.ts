/** What a contract says of a service whose spans libraries make: several roots, tracers and statuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineAttributes,
  defineContract,
  defineResource,
  defineSpanTree,
  int,
  span,
  string,
} from "../define/index.ts";
import { emptyScope, type Span, type SpanEvent } from "../otlp/span.ts";
import { judgeTrace } from "./judge-trace.ts";

const attributes = defineAttributes({
  size: int("http.response.size", { brief: "How large.", unit: "By", examples: [1] }),
});

const shop = defineContract({
  tracerName: "web",
  resource: defineResource({
    attributes: defineAttributes({
      service: string("service.name", { brief: "The service.", examples: ["shop"] }),
    }),
    serviceName: "service",
    defaults: { service: "shop" },
  }),
  attributes,
  spans: defineSpanTree(attributes, {
    list: span("GET /items", {
      brief: "Lists.",
      parent: null,
      kind: "server",
      onSuccess: ["size"],
    }),
    order: span("POST /orders", { brief: "Orders.", parent: null, kind: "server" }),
    check: span("check", { brief: "Checks.", parent: "order" }),
    select: span("SELECT", {
      brief: "Asks the database.",
      parent: "list",
      alsoUnder: ["check"],
      kind: "client",
      presence: "sampled",
      tracer: "database",
    }),
    mail: span("mail", {
      brief: "Sends mail.",
      parent: "order",
      presence: "optional",
      detached: true,
    }),
  }),
  logEvents: {},
  invariants: [],
  failures: "freely",
  undeclared: ["db.query.text", "gen.*.content"],
});

interface Told {
  readonly name: string;
  readonly under?: number;
  readonly ms?: readonly [start: number, end: number];
  readonly changes?: Partial<Span>;
}

/** Spans of one trace; `under` is the index of the parent. */
function trace(...told: readonly Told[]): Span[] {
  const id = (index: number) => `${index + 1}`.padStart(16, "0");
  return told.map(({ name, under, ms = [0, 10], changes }, index) => ({
    traceId: "a".repeat(32),
    spanId: id(index),
    parentSpanId: under === undefined ? null : id(under),
    traceState: "",
    flags: 1,
    name,
    kind: Object.values(shop.spans).find((known) => known.name === name)?.kind ?? "internal",
    startTimeUnixNano: BigInt(ms[0]) * 1_000_000n,
    endTimeUnixNano: BigInt(ms[1]) * 1_000_000n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    resource: {
      attributes: [{ key: "service.name", value: { type: "string", value: "shop" } }],
      droppedAttributesCount: 0,
      schemaUrl: "",
    },
    scope: { ...emptyScope, name: name === "SELECT" ? "database" : "web" },
    ...changes,
  }));
}

function broken(...told: readonly Told[]): string[] {
  return judgeTrace(shop, trace(...told)).violations.map(
    ({ rule, spanName }) => `${rule} of ${spanName}`,
  );
}

const size = {
  attributes: [{ key: "http.response.size", value: { type: "int", value: 9n } }],
} as const;
const failed = { status: { code: "error", message: "No such item: 7" } } as const;

const thrown: SpanEvent = {
  timeUnixNano: 0n,
  name: "exception",
  attributes: [{ key: "exception.message", value: { type: "string", value: "No such item: 7" } }],
  droppedAttributesCount: 0,
};

test("each kind of request is judged, with the spans that several have", () => {
  const list = { name: "GET /items", changes: size };
  assert.deepEqual(broken(list, { name: "SELECT", under: 0 }, { name: "SELECT", under: 0 }), []);
  const order = { name: "POST /orders" };
  assert.deepEqual(broken(order, { name: "check", under: 0 }, { name: "SELECT", under: 1 }), []);
  assert.deepEqual(broken(order), ["missing-span of POST /orders"]);
  assert.deepEqual(broken(order, { name: "check", under: 0 }, { name: "SELECT", under: 0 }), [
    "misplaced-span of SELECT",
  ]);
  assert.equal(judgeTrace(shop, trace(list, order)).requests.length, 2);
});

test("a library's span is made by the library's tracer", () => {
  const changes = { scope: { ...emptyScope, name: "web" } };
  const list = { name: "GET /items", changes: size };
  assert.deepEqual(broken(list, { name: "SELECT", under: 0, changes }), ["wrong-tracer of SELECT"]);
});

test("only what nobody waits for may end after its parent", () => {
  const order = { name: "POST /orders" };
  const check = { name: "check", under: 0, ms: [0, 5] } as const;
  assert.deepEqual(broken(order, check, { name: "mail", under: 0, ms: [6, 20] }), []);
  assert.deepEqual(broken(order, { ...check, ms: [0, 20] }), ["outside-parent of check"]);
});

test("where spans tell of failures freely, each is judged by its own status", () => {
  const select = { name: "SELECT", under: 0, changes: { ...failed, events: [thrown, thrown] } };
  assert.deepEqual(broken({ name: "GET /items", changes: size }, select), []);
  assert.deepEqual(broken({ name: "GET /items", changes: failed }, select), []);
  const good = { status: { code: "ok", message: "" } } as const;
  assert.deepEqual(broken({ name: "GET /items", changes: { ...good, ...size } }), []);
  assert.deepEqual(broken({ name: "GET /items", changes: good }), [
    "missing-attribute of GET /items",
  ]);
  assert.deepEqual(broken({ name: "POST /orders", changes: failed }), []);
});

test("what a contract does not declare is not judged, and nothing else is left out", () => {
  const carrying = (...keys: readonly string[]) => ({
    name: "GET /items",
    changes: {
      attributes: [
        ...size.attributes,
        ...keys.map((key) => ({ key, value: { type: "bool", value: true } as const })),
      ],
    },
  });
  assert.deepEqual(broken(carrying("db.query.text", "gen.0.content", "gen.12.more.content")), []);
  assert.deepEqual(broken(carrying("db.query.text.x", "gen.content", "a.gen.0.content")), [
    "unknown-attribute of GET /items",
    "unknown-attribute of GET /items",
    "unknown-attribute of GET /items",
  ]);
});
