import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { miniserve, type Span } from "#contract";
import type { EmbeddedPorts } from "./index.ts";
import { openStore } from "./store/index.ts";
import { assertSameSpans } from "./testing/assert-same-spans.ts";
import { encodeProtobuf } from "./testing/encode-protobuf.ts";
import { sampleSpan } from "./testing/sample-span.ts";
import { grpcExporter } from "./testing/send.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const seed = 20_251_103;
const rounds = 3;
const exportsInFlight = 6;
const spansPerTrace = 50;
const idleRssLimitBytes = 150_000_000;

interface StackProcess {
  readonly process: ChildProcess;
  readonly ports: EmbeddedPorts;
  readonly rssBytes: number;
}

async function startProcess(context: TestContext, directory: string): Promise<StackProcess> {
  const script = join(import.meta.dirname, "testing", "stack-process.ts");
  const child = spawn(process.execPath, [...process.execArgv, script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    return { process: child, ...(JSON.parse(line) as Omit<StackProcess, "process">) };
  }
  assert.fail("the process ended before it was ready");
}

function traceOf(number: number): Span[] {
  return Array.from({ length: spansPerTrace }, (_, position) =>
    sampleSpan({
      traceId: (number + 1).toString(16).padStart(32, "0"),
      spanId: (position + 1).toString(16).padStart(16, "0"),
      startTimeUnixNano: sampleSpan().startTimeUnixNano + BigInt(position),
      attributes: [
        { key: "llm.tokens.out", value: { type: "int", value: BigInt(number) } },
        { key: "of.somebody.else", value: { type: "string", value: `${number}:${position}` } },
      ],
    }),
  );
}

/** Exports without a pause until the receiver is gone. */
async function exportUntilGone(port: number, first: number, onAcknowledged: () => void) {
  const exporter = grpcExporter(port);
  const acknowledged: number[] = [];
  let next = first;
  await Promise.all(
    Array.from({ length: exportsInFlight }, async () => {
      for (;;) {
        const number = next;
        next += 1;
        try {
          await exporter.export(encodeProtobuf(traceOf(number)));
        } catch {
          return;
        }
        acknowledged.push(number);
        onAcknowledged();
      }
    }),
  );
  exporter.close();
  return { acknowledged, sent: next };
}

test(`killed ${rounds} times under load, the store has every acknowledged span (seed ${seed})`, async (context) => {
  const directory = temporaryDirectory();
  const acknowledged: number[] = [];
  let sent = 0;
  for (let round = 0; round < rounds; round += 1) {
    const stack = await startProcess(context, directory);
    // After so many acknowledgements and a moment, both by arithmetic on the seed: anywhere within
    // the commits that follow, however slow the machine is.
    let untilKill = 5 + ((seed * (round + 7)) % 20);
    const momentMs = (seed * (round + 3)) % 25;
    const exporting = exportUntilGone(stack.ports.otlpGrpc, sent, () => {
      untilKill -= 1;
      if (untilKill === 0) {
        setTimeout(() => stack.process.kill("SIGKILL"), momentMs);
      }
    });
    await once(stack.process, "exit");
    const result = await exporting;
    acknowledged.push(...result.acknowledged);
    sent = result.sent;
  }
  const store = await openStore(miniserve, { directory });
  context.after(() => store.close());
  const isAcknowledged = new Set(acknowledged);
  for (let number = 0; number < sent; number += 1) {
    const expected = traceOf(number);
    const stored = await store.readTrace(expected[0]?.traceId ?? "");
    // What was not acknowledged may be there or not, but never in part.
    if (isAcknowledged.has(number) || stored.length > 0) {
      assertSameSpans(stored, expected);
    }
  }
  context.diagnostic(`${acknowledged.length} of ${sent} exports were acknowledged`);
});

test("a signal to stop is followed by a clean end, and the next start finds everything", async (context) => {
  const directory = temporaryDirectory();
  const stack = await startProcess(context, directory);
  assert.ok(
    stack.rssBytes < idleRssLimitBytes,
    `idle, the process holds ${stack.rssBytes} bytes of memory`,
  );
  const exporter = grpcExporter(stack.ports.otlpGrpc);
  await exporter.export(encodeProtobuf(traceOf(1)));
  stack.process.kill("SIGTERM");
  const [code] = await once(stack.process, "exit");
  exporter.close();
  assert.equal(code, 0);
  const store = await openStore(miniserve, { directory });
  assert.deepEqual(await store.readTrace(traceOf(1)[0]?.traceId ?? ""), traceOf(1));
  await store.close();
});
