import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readOtlpJson, type Span } from "#contract";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { decodeProtobuf } from "./receiver/decode-protobuf.ts";
import { decodeTempo } from "./testing/decode-tempo.ts";
import { encodeProtobuf } from "./testing/encode-protobuf.ts";
import { sampleSpan } from "./testing/sample-span.ts";
import { grpcExporter, send } from "./testing/send.ts";
import { type StartedStack, startStack } from "./testing/started-stack.ts";

/** One trace of so many spans: its answer must not be made in one piece, nor be held whole. */
const spans = 50_000;
const spansPerExport = 2_000;
const traceId = "1".repeat(32);
const startNs = 1_763_800_000_000_000_000n;
/** Two services, as a client and a server have them. */
const services = ["shop", "miniserve"].map((service) => ({
  ...sampleSpan().resource,
  attributes: [{ key: "service.name", value: { type: "string", value: service } }] as const,
}));

function createSpan(number: number): Span {
  const at = startNs + BigInt(number) * 1_000n;
  return sampleSpan({
    traceId,
    spanId: (number + 1).toString(16).padStart(16, "0"),
    parentSpanId: number === 0 ? null : "0".repeat(15).concat("1"),
    name: `step ${number % 50}`,
    startTimeUnixNano: at,
    endTimeUnixNano: at + 500n,
    attributes: [
      { key: "llm.tokens.out", value: { type: "int", value: BigInt(number) } },
      { key: "llm.model", value: { type: "string", value: "tiny" } },
      { key: "code.function", value: { type: "string", value: `function number ${number}` } },
      { key: "half", value: { type: "double", value: number / 2 } },
    ],
    resource: services[number % 7 === 0 ? 0 : 1] ?? sampleSpan().resource,
  });
}

async function startWithTrace(context: TestContext) {
  const stack = await startStack(context, temporaryDirectory());
  const exporter = grpcExporter(stack.ports.otlpGrpc);
  context.after(() => exporter.close());
  for (let first = 0; first < spans; first += spansPerExport) {
    const some = Array.from({ length: spansPerExport }, (_, index) => createSpan(first + index));
    await exporter.export(encodeProtobuf(some));
  }
  return { stack, exporter };
}

interface Meanwhile {
  readonly count: number;
  /** The longest that one took, as a part of all the time; a blocked event loop makes it near 1. */
  readonly longestPart: number;
}

/** Does small work one after the other until something else has ended. */
async function meanwhile(
  ended: Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<Meanwhile> {
  let isEnded = false;
  const note = () => {
    isEnded = true;
  };
  ended.then(note, note);
  const startedAtMs = performance.now();
  let longestMs = 0;
  for (let count = 0; ; count += 1) {
    const beganAtMs = performance.now();
    await work();
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - beganAtMs);
    if (isEnded) {
      return { count, longestPart: longestMs / (nowMs - startedAtMs) };
    }
  }
}

const json = (body: Buffer) => JSON.parse(body.toString()) as unknown;

const forms: readonly {
  readonly name: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly read: (body: Buffer) => readonly Span[];
}[] = [
  {
    name: "JSON",
    path: "/api/v2/traces/",
    headers: {},
    read: (body) => readOtlpJson(json(body)).spans,
  },
  {
    name: "JSON of the first version, packed",
    path: "/api/traces/",
    headers: { "accept-encoding": "gzip" },
    read: (body) => readOtlpJson(json(gunzipSync(body))).spans,
  },
  {
    name: "protobuf of the first version",
    path: "/api/traces/",
    headers: { accept: "application/protobuf" },
    read: decodeProtobuf,
  },
  {
    name: "protobuf, packed",
    path: "/api/v2/traces/",
    headers: { accept: "application/protobuf", "accept-encoding": "gzip" },
    read: (body) => readOtlpJson(decodeTempo("TraceByIDResponse", gunzipSync(body))).spans,
  },
];

/** The memory of a process in MiB: at most so far, and now. */
function readMemory({ process: { pid } }: StartedStack): { most: number; now: number } {
  if (process.platform !== "linux") {
    return { most: 0, now: 0 };
  }
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (field: string) =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024);
  return { most: mebibytes("VmHWM"), now: mebibytes("VmRSS") };
}

test("while a trace of 50,000 spans is answered, others are answered and exports are taken", async (context) => {
  const { stack, exporter } = await startWithTrace(context);
  const before = readMemory(stack);
  let exported = 0;
  const exportOne = () => {
    exported += 1;
    const spanId = (exported + 2 ** 40).toString(16).padStart(16, "0");
    return exporter.export(encodeProtobuf([sampleSpan({ spanId })]));
  };
  for (const { name, path, headers, read } of forms) {
    const { tempo: port } = stack.ports;
    const trace = send({ port, path: `${path}${traceId}`, headers });
    const [answered, taken, { status, body }] = await Promise.all([
      meanwhile(trace, () => send({ port, path: "/api/echo" })),
      meanwhile(trace, exportOne),
      trace,
    ]);
    assert.equal(status, 200, name);
    const ids = read(body).map(({ spanId }) => Number.parseInt(spanId, 16));
    assert.equal(new Set(ids).size, spans, name);
    assert.equal(ids.length, spans, name);
    const [ofAnswers, ofExports] = [answered, taken].map(({ count, longestPart }) => {
      return `${count}, the longest ${Math.round(100 * longestPart)} %`;
    });
    context.diagnostic(`${name}: answers ${ofAnswers}; exports ${ofExports}`);
    assert.ok(answered.count >= 20 && answered.longestPart < 0.4, `${name}: ${ofAnswers}`);
    assert.ok(taken.count >= 2, `${name}: ${ofExports}`);
  }
  await Promise.all(
    [...forms, ...forms].map(({ path, headers }) =>
      send({ port: stack.ports.tempo, path: `${path}${traceId}`, headers }),
    ),
  );
  const after = readMemory(stack);
  context.diagnostic(`${before.now} MiB before, ${after.most} at most, ${after.now} after`);
  assert.ok(after.most - before.most < 300, `it grew by ${after.most - before.most} MiB`);
});
