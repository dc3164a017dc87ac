import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { openStore } from "./store/index.ts";
import { encodeProtobuf } from "./testing/encode-protobuf.ts";
import { killUnderLoad } from "./testing/kill-under-load.ts";
import { createTrace, formatTraceId } from "./testing/numbered-traces.ts";
import { grpcExporter } from "./testing/send.ts";
import { startStack } from "./testing/started-stack.ts";

const seed = 20_251_103;
const rounds = 5;
const idleRssLimitBytes = 150_000_000;

test(`killed ${rounds} times under load, the store has every acknowledged span (seed ${seed})`, (context) =>
  killUnderLoad(context, { rounds, seed }));

test("a signal to stop is followed by a clean end, and the next start finds everything", async (context) => {
  const directory = temporaryDirectory();
  const stack = await startStack(context, directory);
  assert.ok(
    stack.rssBytes < idleRssLimitBytes,
    `idle, the process holds ${stack.rssBytes} bytes of memory`,
  );
  const exporter = grpcExporter(stack.ports.otlpGrpc);
  await exporter.export(encodeProtobuf(createTrace(1)));
  stack.process.kill("SIGTERM");
  const [code] = await once(stack.process, "exit");
  exporter.close();
  assert.equal(code, 0);
  const store = await openStore([miniserve], { directory });
  assert.deepEqual(await store.readTrace(formatTraceId(1)), createTrace(1));
  await store.close();
});
