import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { encodeProtobuf } from "../../stack/trace-store/testing/encode-protobuf.ts";
import { createTrace, formatTraceId } from "../../stack/trace-store/testing/numbered-traces.ts";
import { grpcExporter, send } from "../../stack/trace-store/testing/send.ts";
import { type StackUnderTest, stackUnderTest } from "./stack-under-test.ts";

/** A stack whose folder is a disk of its own, which a file fills and leaves. */

const timeout = 240_000;
const up = ["stack/up.ts", "--no-server", "--no-viewer"] as const;

interface Disk {
  readonly fill: () => void;
  /** Of a full disk so many bytes are free. */
  readonly leave: (bytes: number) => void;
  readonly makeRoom: () => void;
}

/** Undefined where no disk may be mounted. */
function mountDisk(t: TestContext, stack: StackUnderTest): Disk | undefined {
  const folder = stack.environment.STACK_DIR ?? "";
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "none", folder], { stdio: "ignore" });
  } catch {
    t.skip("no disk may be mounted here");
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    fill: () => {
      // In steps, since the last ones fail.
      for (let size = 1 << 20; size >= 4096; size /= 2) {
        try {
          for (;;) {
            writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
          }
        } catch {
          // Smaller steps may still fit.
        }
      }
      assert.ok(statfsSync(folder).bavail < 4);
    },
    leave: (bytes) => truncateSync(filler, statSync(filler).size - bytes),
    makeRoom: () => rmSync(filler),
  };
}

function assertSentence(output: string): void {
  assert.match(output, /\[disk_full\]/);
  assert.match(output, /Make room/);
  assert.doesNotMatch(output, /store_damaged|It said nothing|\n {4}at |a defect/);
}

async function until(what: () => string, isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 60_000; !(await isSo()); await delay(200)) {
    assert.ok(Date.now() < giveUpAt, `this did not come about: ${what()}`);
  }
}

async function unmount(stack: StackUnderTest): Promise<void> {
  await stack.run("stack/down.ts");
  execFileSync("umount", ["--lazy", stack.environment.STACK_DIR ?? ""]);
}

test("a stack on a full disk says so when it starts, and starts when there is room", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const disk = mountDisk(t, stack);
  if (disk === undefined) {
    return;
  }
  try {
    disk.fill();
    const refused = await stack.run(...up);
    assert.notEqual(refused.exitCode, 0);
    assertSentence(refused.stdout + refused.stderr);
    disk.makeRoom();
    // There is room for the state and for logs, and none for a store.
    disk.fill();
    disk.leave(16_384);
    const tooSmall = await stack.run(...up);
    assert.notEqual(tooSmall.exitCode, 0);
    assertSentence(tooSmall.stdout + tooSmall.stderr);
    disk.makeRoom();
    const started = await stack.run(...up);
    assert.equal(started.exitCode, 0, started.stderr);
  } finally {
    await unmount(stack);
  }
});

test("while its disk is full a stack says so, and goes on by itself when there is room", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t, { STACK_KEEP_HOURS: "0" });
  const disk = mountDisk(t, stack);
  if (disk === undefined) {
    return;
  }
  const exporter = grpcExporter(stack.ports.OTLP_GRPC_PORT);
  const isTaken = async (number: number) => {
    try {
      await exporter.export(encodeProtobuf(createTrace(number)));
      return true;
    } catch {
      return false;
    }
  };
  try {
    const started = await stack.run(...up);
    assert.equal(started.exitCode, 0, started.stderr);
    assert.ok(await isTaken(1));
    disk.fill();
    await until(
      () => "a refusal",
      async () => !(await isTaken(2)),
    );
    const full = await stack.run("stack/status.ts");
    assert.equal(full.exitCode, 1, full.stdout);
    assert.match(full.stdout, /The disk of .* is full: .*Make room/);
    // The store, started anew on the full disk, must not take its file for damaged.
    process.kill((await stack.pids()).store ?? 0, "SIGKILL");
    await delay(3_000);
    disk.makeRoom();
    await until(
      () => "an export that is taken",
      () => isTaken(3),
    );
    let last = "";
    await until(
      () => `a good state: ${last}`,
      async () => {
        const { exitCode, stdout } = await stack.run("stack/status.ts");
        last = stdout;
        return exitCode === 0;
      },
    );
    const path = `/api/traces/${formatTraceId(1)}`;
    const { status } = await send({ port: stack.ports.TEMPO_PORT, path });
    assert.equal(status, 200, "what was acknowledged before is there");
    const data = join(stack.environment.STACK_DIR ?? "", "data");
    assert.deepEqual(
      readdirSync(data).filter((name) => name.includes("damaged")),
      [],
    );
  } finally {
    exporter.close();
    await unmount(stack);
  }
});
