import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { miniserve } from "#miniserve";
import { freePorts } from "../../scripts/bench/bench-dir.ts";
import { openStore } from "../../stack/trace-store/store/index.ts";
import { encodeProtobuf } from "../../stack/trace-store/testing/encode-protobuf.ts";
import { createTrace, formatTraceId } from "../../stack/trace-store/testing/numbered-traces.ts";
import { grpcExporter } from "../../stack/trace-store/testing/send.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const skip = process.platform === "linux" ? false : "a limit of file sizes is needed";
const firstTraces = 10;
const moreTraces = 3;

/** The store's own process, whose files cannot grow beyond a size. */
async function startLimited(stackDirectory: string, kibibytes: number) {
  const [tempo = 0, otlpGrpc = 0, otlpHttp = 0, server, grafana] = await freePorts(5);
  const limited = `trap '' XFSZ; ulimit -S -f ${kibibytes}; exec "$@"`;
  const main = [process.execPath, ...process.execArgv, "stack/trace-store/main.ts"];
  const child = spawn("bash", ["-c", limited, "bash", ...main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      STACK_DIR: stackDirectory,
      TEMPO_PORT: String(tempo),
      OTLP_GRPC_PORT: String(otlpGrpc),
      OTLP_HTTP_PORT: String(otlpHttp),
      MINISERVE_PORT: String(server),
      GRAFANA_PORT: String(grafana),
      // What is sent here is old, and is to be kept.
      STACK_KEEP_HOURS: "0",
    },
  });
  return { child, said: text(child.stdout), exporter: grpcExporter(otlpGrpc) };
}

test("when the database stops itself, the process ends and says so, and nothing acknowledged is lost", {
  skip,
}, async (context) => {
  const stackDirectory = temporaryDirectory();
  const directory = join(stackDirectory, "data");
  mkdirSync(directory);
  const before = await openStore([miniserve], { directory });
  for (let number = 0; number < firstTraces; number += 1) {
    await before.append(createTrace(number));
  }
  await before.close();
  // Room for a log, and none for what a checkpoint adds to the file.
  const fileKibibytes = Math.ceil(statSync(join(directory, "traces.duckdb")).size / 1024);
  const { child, said, exporter } = await startLimited(stackDirectory, fileKibibytes);
  context.after(() => child.kill("SIGKILL"));
  context.after(() => exporter.close());
  const acknowledged = new Set(Array.from({ length: firstTraces }, (_, number) => number));
  const ended = once(child, "exit");
  while (acknowledged.size < firstTraces + moreTraces && child.exitCode === null) {
    try {
      await exporter.export(encodeProtobuf(createTrace(acknowledged.size)));
      acknowledged.add(acknowledged.size);
    } catch {
      // It is not up yet.
      await delay(50);
    }
  }
  // When nothing comes in, it puts its file in order.
  const [code] = await ended;
  assert.equal(code, 1);
  assert.match(await said, /The database has stopped itself.*\[store_halted\]/);
  const store = await openStore([miniserve], { directory });
  for (const number of acknowledged) {
    assert.equal((await store.readTrace(formatTraceId(number))).length, createTrace(number).length);
  }
  await store.close();
});
