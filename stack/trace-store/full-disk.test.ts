import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { openStore } from "./store/index.ts";
import { assertSameSpans } from "./testing/assert-same-spans.ts";
import { encodeProtobuf } from "./testing/encode-protobuf.ts";
import { createTrace, formatTraceId, spansPerTrace } from "./testing/numbered-traces.ts";
import { type GrpcExporter, grpcExporter, send } from "./testing/send.ts";
import { type StartedStack, startStack } from "./testing/started-stack.ts";

/** No file may be larger, which is to the store as if the disk were full. */
const fileSizeKibibytes = 12_000;
const mostExports = 100;
const skip =
  process.platform === "linux" ? false : "a limit of file sizes is needed that can be taken back";

async function isStored(exporter: GrpcExporter, number: number): Promise<boolean> {
  try {
    await exporter.export(encodeProtobuf(createTrace(number)));
    return true;
  } catch (error) {
    // OTLP's senders try again after these, and drop their spans after all others.
    assert.equal((error as { code?: number }).code, status.UNAVAILABLE);
    return false;
  }
}

/** Exports until one is refused. @returns The numbers that were acknowledged. */
async function fillDisk(exporter: GrpcExporter): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let number = 0; number < mostExports; number += 1) {
    if (!(await isStored(exporter, number))) {
      return acknowledged;
    }
    acknowledged.push(number);
  }
  assert.fail(`after ${mostExports} exports the disk is not full`);
}

async function ask(stack: StartedStack, path: string): Promise<Record<string, unknown>> {
  const answer = await send({ port: stack.ports.tempo, path });
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString()) as Record<string, unknown>;
}

async function startFull(
  context: TestContext,
  directory = temporaryDirectory(),
  limits: { fileSizeKibibytes?: number } = { fileSizeKibibytes },
) {
  const stack = await startStack(context, directory, limits);
  const exporter = grpcExporter(stack.ports.otlpGrpc);
  context.after(() => exporter.close());
  const acknowledged = await fillDisk(exporter);
  assert.ok(acknowledged.length > 0);
  return { directory, stack, exporter, acknowledged };
}

async function assertStored(directory: string, numbers: readonly number[]): Promise<void> {
  const store = await openStore([miniserve], { directory });
  try {
    for (const number of numbers) {
      assertSameSpans(await store.readTrace(formatTraceId(number)), createTrace(number));
    }
    assert.equal((await store.counts()).spans, numbers.length * spansPerTrace);
  } finally {
    await store.close();
  }
}

/** Reads by id and by search, of what was acknowledged last. */
async function assertAnswers(stack: StartedStack, acknowledged: readonly number[]): Promise<void> {
  const last = acknowledged.at(-1) ?? 0;
  assert.ok("trace" in (await ask(stack, `/api/v2/traces/${formatTraceId(last)}`)));
  const q = encodeURIComponent(`{ span.llm.tokens.out = ${last} }`);
  const { traces } = await ask(stack, `/api/search?q=${q}`);
  assert.equal((traces as unknown[]).length, 1);
}

test("on a full disk exports are refused for now and reads go on; with room again, so do exports", {
  skip,
}, async (context) => {
  const { directory, stack, exporter, acknowledged } = await startFull(context);
  const refused = acknowledged.length;
  assert.equal(await isStored(exporter, refused), false);
  const overHttp = await send({
    port: stack.ports.otlpHttp,
    path: "/v1/traces",
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeProtobuf(createTrace(refused)),
  });
  assert.equal(overHttp.status, 503);
  await assertAnswers(stack, acknowledged);
  execFileSync("prlimit", ["--pid", String(stack.process.pid), "--fsize=unlimited:"]);
  assert.equal(await isStored(exporter, refused), true);
  stack.process.kill("SIGTERM");
  const [code] = await once(stack.process, "exit");
  assert.equal(code, 0);
  await assertStored(directory, [...acknowledged, refused]);
});

test("stopped on a full disk, the store has all that it acknowledged when it starts again", {
  skip,
}, async (context) => {
  const { directory, stack, acknowledged } = await startFull(context);
  stack.process.kill("SIGTERM");
  await once(stack.process, "exit");
  await assertStored(directory, acknowledged);
});

/** Longer than the store waits for quiet before it would put its file in order. */
const quietMs = 4_000;

/** A disk of its own, of 24 MiB. @returns undefined where no disk may be mounted. */
function mountSmallDisk(context: TestContext): string | undefined {
  const directory = temporaryDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "none", directory], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  context.after(() => execFileSync("umount", ["--lazy", directory]));
  return directory;
}

test("a store without room for a checkpoint makes none, and goes on reading", {
  skip,
}, async (context) => {
  const disk = mountSmallDisk(context);
  if (disk === undefined) {
    context.skip("no disk may be mounted here");
    return;
  }
  const { stack, exporter, acknowledged } = await startFull(context, disk, {});
  await delay(quietMs);
  await assertAnswers(stack, acknowledged);
  assert.equal(await isStored(exporter, acknowledged.length), false);
  execFileSync("mount", ["-o", "remount,size=200m", disk]);
  assert.equal(await isStored(exporter, acknowledged.length), true);
  stack.process.kill("SIGTERM");
  const [code] = await once(stack.process, "exit");
  assert.equal(code, 0);
  await assertStored(disk, [...acknowledged, acknowledged.length]);
});
