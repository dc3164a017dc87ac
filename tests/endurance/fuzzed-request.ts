import fc from "fast-check";
import { fuzzedBody } from "./fuzzed-body.ts";

export interface FuzzedRequest {
  readonly bytes: Buffer;
  /** Of the request; the answer to HEAD has no body. */
  readonly method: string;
  /** Whether it is whole, correct HTTP, so that it must be answered. */
  readonly isCorrect: boolean;
  readonly pace: Pace;
}

export type Pace =
  | { readonly kind: "whole" }
  | { readonly kind: "pieces"; readonly cuts: readonly number[]; readonly pauseMs: number }
  /** Leaves after a share of the bytes. */
  | { readonly kind: "abort"; readonly share: number; readonly resets: boolean };

const ordinaryMethods = ["POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];
const strangeMethods = [
  "CONNECT",
  "PROPFIND",
  "QUERY",
  "PURGE",
  "BREW",
  "post",
  "M-SEARCH",
  "\u0000",
];
const routes = ["/v1/completions", "/v1/chat/completions"];
const paths = [
  ...["/", "/v1/models", "/healthz", "/readyz", "/v1/models/x", "/v1/completions/", "//v1/models"],
  ...["/v1/../healthz", "/%00", "/%zz", "/%e0%a4%a", "/v1/%63ompletions", "/healthz?x=1&x=%zz"],
  ...["/healthz?__proto__=1", "/readyz#x", "*", "http://localhost/healthz", "http://evil/readyz"],
  ...[
    "x",
    "?",
    "/\u00e9",
    "/v1/completions;x",
    `/${"a".repeat(3_000)}`,
    `/?${"a=1&".repeat(2_000)}`,
  ],
  ...["/v1\\completions", "/healthz\t", "/V1/COMPLETIONS", "/v1/chat/completions?stream=true"],
];

/** Headers that change nothing about where a request begins and ends. */
const harmless = [
  ...["accept: */*", "accept-encoding: gzip", "range: bytes=0-1", "cookie: a=b", "x-empty:"],
  ...["expect: 100-continue", "if-none-match: *", "x-http-method-override: DELETE", "te: trailers"],
  ...["traceparent: 00-00-00-00", "traceparent: \u00ff", `tracestate: ${"a=b,".repeat(50)}`],
  ...[`traceparent: 00-${"a".repeat(32)}-${"b".repeat(16)}-00`, "baggage: a=b", "__proto__: x"],
  ...["authorization: Bearer x", "authorization: Basic eDp5", "authorization:", "user-agent:"],
  ...["origin: https://attacker.example", "origin: null", "access-control-request-method: POST"],
  ...["content-encoding: gzip", "content-encoding: identity", "content-encoding: br, gzip"],
  ...[
    "upgrade: websocket",
    "upgrade: h2c",
    "x-forwarded-for: 10.0.0.1",
    `x-long: ${"a".repeat(6_000)}`,
  ],
  ...[
    "expect: nonsense",
    "content-language: \u0001x".slice(0, 20),
    "constructor: x",
    "date: never",
  ],
];
const contentTypes = [
  ...["application/json; charset=utf-8"],
  ...[
    "text/plain",
    "application/json; charset=latin1",
    "application/JSON;",
    "a/b/c",
    "",
    "\u00ff/x",
  ],
  ...["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ";", "json"],
];
const hosts = [
  "localhost",
  "localhost",
  "localhost",
  "127.0.0.1:1",
  "[::1]:8080",
  "evil",
  ":",
  "a b",
];

/** Headers that do change it, wrongly or at least strangely. */
const framings = [
  ...["content-length: -1", "content-length: 1e3", "content-length: 99999999999999999999"],
  ...["content-length: 5", "content-length: 5\r\ncontent-length: 6", "content-length: 500"],
  ...["transfer-encoding: chunked", "transfer-encoding: gzip", "transfer-encoding: gzip, chunked"],
  ...["transfer-encoding: chunked\r\ncontent-length: 5", "transfer-encoding: identity"],
  ...[
    "transfer-encoding : chunked",
    "content-length : 5",
    "folded: a\r\n b",
    "no colon",
    ": empty",
  ],
  ...["host: localhost\r\nhost: evil", "connection: keep-alive", "connection: upgrade, close"],
  ...["x\u0000: y", `x: ${"a".repeat(20_000)}`, "x: a\rb", "x: a\nb", "\u00e9: x"],
];

const chunkings = [
  ...["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;ext=1\r\nhello\r\n0\r\n\r\n", "zz\r\n", "-1\r\n"],
  ...["ffffffffffffffff1\r\nx", "5\r\nhelloo\r\n0\r\n\r\n", "5\r\nhel", "0\r\ntrailer: x\r\n\r\n"],
  ...[
    "5\nhello\n0\n\n",
    `1;${"a".repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
    "00000000005\r\nhello\r\n0\r\n\r\n",
  ],
];
const noRequests = [
  ...[
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
    "\r\n\r\n\r\n",
  ],
  ...[
    "GET /\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET  /  HTTP/1.1\r\n\r\n",
  ],
  ...[
    "GET /healthz HTTP/1.1\r\n\r\n",
    "POST /v1/completions HTTP/1.1\r\n\r\n",
    "",
    "HTTP/1.1 200 OK\r\n\r\n",
  ],
  ...[
    "POST /v1/completions HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}",
    "GET /healthz HTTP/1.1\nhost: localhost\n\n",
  ],
];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const whole = fc.constant<Pace>({ kind: "whole" });
const pieces = fc
  .tuple(fc.array(share, { minLength: 1, maxLength: 5 }), fc.nat(8))
  .map(([cuts, pauseMs]): Pace => ({ kind: "pieces", cuts, pauseMs }));
const abort = fc
  .tuple(share, fc.boolean())
  .map(([sent, resets]): Pace => ({ kind: "abort", share: sent, resets }));
const pace: fc.Arbitrary<Pace> = fc.oneof(
  { arbitrary: whole, weight: 6 },
  { arbitrary: pieces, weight: 2 },
  { arbitrary: abort, weight: 2 },
);

/** Seven times in eight what does no harm, so that what is wrong elsewhere comes to light. */
function oftenFrom(good: string, others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constant(good), weight: 7 },
    { arbitrary: fc.constantFrom(...others), weight: 1 },
  );
}

function wire(method: string, path: string, lines: readonly string[], body: Buffer): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}

const askedFor = fc.oneof(
  { arbitrary: fc.constantFrom(...routes), weight: 5 },
  { arbitrary: fc.constantFrom(...paths.filter((path) => /^[/*][!-~]*$/.test(path))), weight: 1 },
);

/** Correct HTTP, whatever it asks for: each must have an answer. */
const correct: fc.Arbitrary<FuzzedRequest> = askedFor
  .chain((path) =>
    fc.record({
      path: fc.constant(path),
      method: oftenFrom("POST", ordinaryMethods),
      host: oftenFrom("localhost", ["127.0.0.1:1", "evil"]),
      contentType: oftenFrom("application/json", contentTypes),
      extra: oftenFrom("accept: */*", harmless),
      isChunked: fc.boolean(),
      body: fuzzedBody(path),
      pace,
    }),
  )
  .map(({ method, path, host, contentType, extra, isChunked, body, pace: chosen }) => {
    const lines = [
      `host: ${host}`,
      "connection: close",
      `content-type: ${contentType}`,
      isChunked ? "transfer-encoding: chunked" : `content-length: ${body.length}`,
      extra,
    ];
    const bytes = wire(method, path, lines, isChunked ? chunked(body) : body);
    const isPrintable = lines.every((line) => /^[\t -~\u0080-\u00ff]*$/.test(line));
    return { bytes, method, isCorrect: isPrintable, pace: chosen };
  });

/** In one chunk, as none would be the end of the body. */
function chunked(body: Buffer): Buffer {
  const chunk = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")];
  return Buffer.concat([...(body.length === 0 ? [] : chunk), Buffer.from("0\r\n\r\n")]);
}

/** What may be no HTTP at all. */
const incorrect: fc.Arbitrary<FuzzedRequest> = fc
  .record({
    method: fc.constantFrom(...ordinaryMethods, ...strangeMethods, "POST", "POST", "POST"),
    path: fc.constantFrom(...paths, ...routes, ...routes, ...routes),
    host: fc.constantFrom(...hosts),
    lines: fc.array(fc.constantFrom(...framings, ...harmless), { maxLength: 3 }),
    body: fc.oneof(
      fuzzedBody("/v1/completions"),
      fc.constantFrom(...chunkings).map((text) => Buffer.from(text, "latin1")),
    ),
    pace,
  })
  .map(({ method, path, host, lines, body, pace: chosen }) => {
    const all = [`host: ${host}`, "content-type: application/json", "connection: close", ...lines];
    return { bytes: wire(method, path, all, body), method, isCorrect: false, pace: chosen };
  });

const manyHeaders = fc.integer({ min: 50, max: 3_000 }).map((count): FuzzedRequest => {
  const lines = Array.from({ length: count }, (_, index) => `x-${index}: y`);
  const all = ["host: localhost", "connection: close", ...lines];
  const bytes = wire("GET", "/healthz", all, Buffer.alloc(0));
  return { bytes, method: "GET", isCorrect: false, pace: { kind: "whole" } };
});

const noRequest = fc
  .oneof(
    fc.constantFrom(...noRequests).map((text) => Buffer.from(text, "latin1")),
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  )
  .map(
    (bytes): FuzzedRequest => ({ bytes, method: "", isCorrect: false, pace: { kind: "whole" } }),
  );

/** Anything that can come in on a connection. */
export const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = fc.oneof(
  { arbitrary: correct, weight: 12 },
  { arbitrary: incorrect, weight: 6 },
  { arbitrary: noRequest, weight: 2 },
  { arbitrary: manyHeaders, weight: 1 },
);
