import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { applied, type Mutant } from "./make-mutants.ts";
import type { Target } from "./targets.ts";

/** A mutant may make a program wait or count for ever. That is noticed as well. */
const limitMs = 120_000;

/** A copy of the checkout in which faults can be made, so that nobody's work is touched. */
export class CheckoutCopy {
  readonly #directory = mkdtempSync(join(tmpdir(), "miniserve-mutants-"));

  constructor(checkout: string) {
    const listed = spawnSync(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      {
        cwd: checkout,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    if (listed.status !== 0) {
      throw new Error(`git does not list the files of the checkout: ${listed.stderr}`);
    }
    for (const file of listed.stdout.split("\0").filter((name) => name !== "")) {
      const target = join(this.#directory, file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(checkout, file), target);
    }
    symlinkSync(join(checkout, "node_modules"), join(this.#directory, "node_modules"));
  }

  /** @returns whether the tests of the target notice the mutant. */
  async notices(target: Target, mutant: Mutant): Promise<boolean> {
    const file = join(this.#directory, mutant.file);
    const source = readFileSync(file, "utf8");
    writeFileSync(file, applied(mutant, source));
    try {
      return !(await this.passes(target));
    } finally {
      writeFileSync(file, source);
    }
  }

  /** Whether all tests of the target pass. */
  async passes({ tests, generates }: Target): Promise<boolean> {
    const generated = generates !== true || (await this.#runs(["scripts/generate.ts"]));
    return generated && (await this.#runs(["--test", ...tests]));
  }

  async #runs(options: readonly string[]): Promise<boolean> {
    const child = spawn(process.execPath, options, {
      cwd: this.#directory,
      stdio: "ignore",
      // With what it has started, it can be ended.
      detached: true,
    });
    const timer = setTimeout(() => endGroup(child.pid), limitMs);
    try {
      const [code] = await once(child, "close");
      return code === 0;
    } finally {
      clearTimeout(timer);
    }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function endGroup(pid: number | undefined): void {
  if (pid !== undefined) {
    process.kill(-pid, "SIGKILL");
  }
}
