/** contract:infer as people run it: spans in a real store, files on disk, and what is made of them. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import type { Contract, KeyValue, Span, SpanKind, Value } from "#contract";
import { miniserve } from "#miniserve";
import { waitForEnd } from "../stack/stack-under-test.ts";
import { embeddedStore, type Store, send } from "../support/stores.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { checkout } from "../support/traces/checkout.ts";
import {
  completeRequest,
  type RequestOverrides,
  randomHex,
} from "../support/traces/complete-request.ts";

const root = resolve(import.meta.dirname, "..", "..");
const timeout = 180_000;

function run(program: string, ...given: string[]) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: "1" };
  return waitForEnd(
    spawn(process.execPath, ["--import", "tsx", join(root, program), ...given], { cwd: root, env }),
  );
}

/** Outside the checkout, as a team's own repository is. */
function teamFolder(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}

const minute = 60_000_000_000n;

/** Requests of a contract, each some minutes after the other. */
function requests<Given extends Contract>(
  contract: Given,
  each: readonly RequestOverrides<keyof Given["spans"] & string>[],
): Span[] {
  const now = BigInt(Date.now()) * 1_000_000n;
  return each.flatMap((overrides, index) =>
    completeRequest(contract, {
      startTimeUnixNano: now - minute * BigInt(index + 1),
      ...overrides,
    }),
  );
}

const placed = ["c4r70001", "ab12cd34", "zz99yy88"].flatMap((cartId) =>
  ["EUR", "USD"].map((currency) => ({
    spans: { checkout: { values: { cartId } }, pay: { values: { currency } } },
    with: ["voucher"] as const,
  })),
);
const checkoutRequests = requests(checkout, [
  ...placed,
  ...placed.map(({ spans }) => ({ spans })),
  { outcome: "refused", last: "cart" },
  { outcome: "refused", last: "cart" },
  { outcome: "refused" },
  { outcome: "broken", cut: "pay" },
  { outcome: "broken", cut: "cart" },
  { outcome: "broken", cut: "pay" },
]);

/** Spans as libraries make them: several kinds of requests, a query below each, texts of people. */
function shopRequest(route: string, more: readonly Told[]): Span[] {
  const traceId = randomHex(16);
  const ids = [route, ...more].map(() => randomHex(8));
  const start = BigInt(Date.now()) * 1_000_000n - minute;
  const told: Told[] = [
    {
      name: route,
      kind: "server",
      attributes: {
        "http.route": text(route.split(" ")[1] ?? ""),
        "http.response.status_code": int(200),
      },
    },
    ...more,
  ];
  return told.map(
    ({ name, kind = "internal", under, attributes = {}, scope = "web", ...rest }, index) => ({
      traceId,
      spanId: ids[index] ?? "",
      parentSpanId: index === 0 ? null : (ids[under ?? 0] ?? null),
      traceState: "",
      flags: 1,
      name,
      kind,
      startTimeUnixNano: start + BigInt(index),
      endTimeUnixNano: start + BigInt(rest.endsAfter ?? 1_000 - index),
      attributes: Object.entries(attributes).map(([key, value]): KeyValue => ({ key, value })),
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: {
        code: rest.failed ? "error" : "unset",
        message: rest.failed ? "No such item!" : "",
      },
      resource: {
        attributes: [
          { key: "service.name", value: text("shop") },
          { key: "service.instance.id", value: text("0af76519-16cd-43dd-8448-eb211c80319c") },
        ],
        droppedAttributesCount: 0,
        schemaUrl: "",
      },
      scope: { name: scope, version: "", attributes: [], droppedAttributesCount: 0, schemaUrl: "" },
    }),
  );
}

interface Told {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly under?: number;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly scope?: string;
  readonly failed?: boolean;
  readonly endsAfter?: number;
}

function text(value: string): Value {
  return { type: "string", value };
}

function int(value: number): Value {
  return { type: "int", value: BigInt(value) };
}

const secret = "my cat is called Bobby";

const shopSpans = Array.from({ length: 6 }, (_, index) => {
  const select = {
    name: "SELECT",
    kind: "client",
    scope: "database",
    attributes: { "db.query.text": text(`SELECT '${secret}'`), "db.system.name": text("sqlite") },
  } as const;
  return [
    shopRequest("GET /items", [select, { ...select, failed: index === 0 }]),
    shopRequest("POST /orders", [
      {
        name: "price",
        attributes: {
          "shop.price.duration_ms": int(index),
          "shop.note": text(`${secret} ${index}`),
          "shop.tags": { type: "array", value: [text("a")] },
        },
      },
      { ...select, under: 1 },
      { name: "send mail", endsAfter: 5_000 },
    ]),
    shopRequest(`GET /items/${index}00`, []),
  ].flat();
}).flat();

/** As a clean checkout would compile them, all at once: a compiler takes long to start. */
function compile(folder: string, files: readonly string[]): string {
  const config = join(folder, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: true,
        typeRoots: [join(root, "node_modules", "@types")],
        paths: { "miniserve/contract": [join(root, "contract", "index.ts")] },
      },
      include: [],
      files,
    }),
  );
  try {
    execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-p", config], { encoding: "utf8" });
    return "";
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

async function storeWith(t: TestContext, spans: readonly Span[]): Promise<Store> {
  const store = await embeddedStore(t);
  await send(store, spans);
  return store;
}

function inferring(store: Store, service: string, out: string, ...more: string[]) {
  return run(
    "scripts/contract-infer.ts",
    "--tempo",
    store.api,
    "--service",
    service,
    "--out",
    out,
    ...more,
  );
}

test("what is inferred compiles, and its dashboards are generated at once", {
  timeout,
}, async (t) => {
  const folder = teamFolder();
  const services = { checkout, miniserve } as const;
  const miniserveRequests = requests(miniserve, [
    ...Array.from({ length: 5 }, () => ({ with: "all" as const })),
    ...Array.from({ length: 5 }, () => ({})),
    { outcome: "rejected" },
    { outcome: "rejected" },
  ]);
  const store = await storeWith(t, [...checkoutRequests, ...miniserveRequests, ...shopSpans]);
  const names = [...Object.keys(services), "shop"];
  const files = names.map((name) => join(folder, "contracts", `${name}.contract.ts`));
  for (const [index, name] of names.entries()) {
    const end = await inferring(store, name, files[index] ?? "");
    assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  }
  writeFileSync(
    join(folder, "miniserve.config.ts"),
    [
      'import { defineConfig, defineService } from "miniserve/contract";',
      ...names.map((name) => `import { ${name} } from "./contracts/${name}.contract.ts";`),
      `export default defineConfig({ services: [${names.map((name) => `defineService({ contract: ${name} })`).join(", ")}] });`,
      "",
    ].join("\n"),
  );
  assert.equal(compile(folder, [...files, join(folder, "miniserve.config.ts")]), "");

  const config = join(folder, "miniserve.config.ts");
  const generated = await run("scripts/generate.ts", "--config", config);
  assert.equal(generated.exitCode, 0, generated.stdout + generated.stderr);
  for (const name of names) {
    assert.ok(existsSync(join(folder, "dashboards", "generated", name, "overview.json")), name);
  }

  await t.test("the words are those of a person", () => {
    const [ofCheckout = "", , ofShop = ""] = files.map((file) => readFileSync(file, "utf8"));
    for (const line of [
      'cartId: string("shop.cart.id", {',
      'currency: oneOf("shop.currency", ["EUR", "USD"], {',
      'unit: "{item}",',
      "outcomes: {",
      'tree: "rejected",',
      'needs: ["refusal"],',
    ]) {
      assert.ok(ofCheckout.includes(line), `${line} is not in\n${ofCheckout}`);
    }
    for (const line of [
      'alsoUnder: ["price"],',
      'tracer: "database",',
      "detached: true,",
      'failures: "freely",',
      '"db.query.text",',
      '"shop.tags",',
      'semconv: "http.route",',
      'unit: "ms",',
      "instance: string(",
      "GET /items/* is left out: 6 spans have 6 names with an id in it.",
    ]) {
      assert.ok(ofShop.replaceAll(/\n \* /g, " ").includes(line), `${line} is not in\n${ofShop}`);
    }
    assert.ok(!ofShop.includes(secret));
  });
});

test("a file that is there is compared, and written over only by force", { timeout }, async (t) => {
  const file = join(teamFolder(), "checkout.contract.ts");
  const store = await storeWith(t, checkoutRequests);
  const first = await inferring(store, "checkout", file);
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  const same = await inferring(store, "checkout", file);
  assert.equal(same.exitCode, 0, same.stdout);
  assert.match(same.stdout, /accepts 18 traces: nothing is to be added\./);

  // A person's words, and a service that has learnt something.
  const corrected = readFileSync(file, "utf8")
    .replaceAll("cartId", "basket")
    .replace('["EUR", "USD"]', '["EUR"]');
  writeFileSync(file, corrected);
  const [newer] = requests(checkout, [{}]);
  assert.ok(newer);
  const coupon = { key: "shop.coupon.count", value: int(2) };
  await send(store, [
    { ...newer, attributes: [...newer.attributes, coupon], traceId: randomHex(16) },
  ]);
  const news = await inferring(store, "checkout", file);
  assert.equal(news.exitCode, 1, news.stderr);
  assert.match(news.stdout, /^\+ The attribute shop\.coupon\.count of checkout, in 1 span\.$/m);
  assert.match(news.stdout, /^\+ +couponCount: int\("shop\.coupon\.count", \{$/m);
  assert.match(news.stdout, /^~ payment\.charge, \d+ spans: value-not-allowed: shop\.currency /m);
  assert.match(news.stdout, /^~ +currency: oneOf\("shop\.currency", \["EUR", "USD"\], \{$/m);
  assert.doesNotMatch(news.stdout, /cartId|basket/);
  assert.equal(readFileSync(file, "utf8"), corrected);
  const asJson = await inferring(store, "checkout", file, "--json");
  assert.ok(JSON.parse(asJson.stdout).proposals.length >= 2);

  const forced = await inferring(store, "checkout", file, "--force");
  assert.equal(forced.exitCode, 0, forced.stderr);
  assert.notEqual(readFileSync(file, "utf8"), corrected);

  writeFileSync(file, "export const contract = (;\n");
  const unreadable = await inferring(store, "checkout", file);
  assert.equal(unreadable.exitCode, 2);
  assert.match(unreadable.stderr, /\[contract_unreadable\]/);
});

test("without traces it is said which services there are", { timeout }, async (t) => {
  const empty = await embeddedStore(t);
  const out = join(teamFolder(), "x.contract.ts");
  const nothing = await inferring(empty, "checkout", out);
  assert.equal(nothing.exitCode, 1);
  assert.match(nothing.stderr, /\[service_not_seen\]\nThe store has no spans of that time: /);

  await send(empty, checkoutRequests);
  const mistyped = await inferring(empty, "chekout", out);
  assert.equal(mistyped.exitCode, 1);
  assert.match(mistyped.stderr, /Did you mean checkout\? The store has checkout\./);
  const unnamed = await run("scripts/contract-infer.ts", "--tempo", empty.api);
  assert.equal(unnamed.exitCode, 2);
  assert.match(unnamed.stderr, /\[usage_invalid\]\n--service NAME; the store has checkout\./);
  const none = await run(
    "scripts/contract-infer.ts",
    "--tempo",
    "http://me:word@127.0.0.1:9",
    "--service",
    "x",
  );
  assert.equal(none.exitCode, 2);
  assert.match(none.stderr, /http:\/\/127\.0\.0\.1:9 cannot be used: .*\[store_unreachable\]/);
  assert.doesNotMatch(none.stderr, /word/);
  for (const wrong of [
    ["--since", "soon"],
    ["--traces", "0"],
  ]) {
    const end = await inferring(empty, "checkout", out, ...wrong);
    assert.equal(end.exitCode, 2);
    assert.match(end.stderr, /\[usage_invalid\]/);
  }
  assert.ok(!existsSync(out));
});
