import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { endlessModel } from "../../../tests/support/model-files.ts";

/** The command with a tiny model, and a folder for all that it leaves in the folder of the system. */
export class BenchCommand {
  readonly temporary: string;
  readonly child: ChildProcess;
  readonly result: Promise<{ code: number | null; stdout: string; stderr: string }>;

  constructor(context: TestContext, options: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), "miniserve-bench-test-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    this.temporary = join(folder, "temporary");
    mkdirSync(this.temporary);
    const model = join(folder, "tiny.gguf");
    writeFileSync(model, endlessModel());
    const child = spawn(process.execPath, ["scripts/bench.ts", ...options], {
      // Another Tempo, which other tests may use, would have to be empty here.
      env: { ...process.env, TMPDIR: this.temporary, MINISERVE_MODEL: model, TEMPO_URL: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    this.result = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
      ([code, stdout, stderr]) => ({ code, stdout, stderr }),
    );
  }

  /** Processes that this command has started and that still run. */
  get processes(): string[] {
    return readdirSync("/proc").filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) &&
          readFileSync(`/proc/${pid}/environ`, "utf8").includes(`TMPDIR=${this.temporary}\0`)
        );
      } catch {
        return false;
      }
    });
  }

  async assertNothingIsLeft(): Promise<void> {
    // A process that was killed takes a moment to be gone.
    for (let turn = 0; turn < 200 && this.processes.length > 0; turn++) {
      await delay(10);
    }
    assert.deepEqual(this.processes, []);
    const left = readdirSync(this.temporary).filter((name) => name.startsWith("miniserve-bench-"));
    assert.deepEqual(left, []);
  }
}
