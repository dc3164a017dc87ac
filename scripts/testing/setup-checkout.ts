/** For the tests of setup.mjs: a checkout whose only dependency lies in a folder beside it. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";

export interface SetupRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Lockfile entries by location. The root's entry and the near package's are always there. */
type Entries = Record<string, Record<string, unknown>>;

/** Dependencies of the root, by name and range. */
interface Wanted {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export class Checkout {
  readonly root: string;

  constructor(test: TestContext) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "miniserve-setup-")));
    test.after(() => rmSync(this.root, { recursive: true, force: true, maxRetries: 5 }));
    const scripts = join(import.meta.dirname, "..");
    cpSync(join(scripts, "setup.mjs"), join(this.root, "scripts/setup.mjs"));
    cpSync(join(scripts, "setup"), join(this.root, "scripts/setup"), { recursive: true });
    this.write("near/package.json", { name: "near", version: "1.0.0" });
    this.lock();
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: unknown): void {
    const file = this.path(path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Writes package.json and package-lock.json, with these packages beside the near one. */
  lock(entries: Entries = {}, wanted: Wanted = {}) {
    const dependencies = { near: "file:near", ...wanted.dependencies };
    const manifest = { name: "checkout", ...wanted, dependencies };
    this.write("package.json", manifest);
    this.write("package-lock.json", {
      name: "checkout",
      lockfileVersion: 3,
      packages: {
        "": manifest,
        near: { version: "1.0.0" },
        "node_modules/near": { resolved: "near", link: true },
        ...entries,
      },
    });
  }

  startSetup(
    options: string[] = [],
    environment: Record<string, string | undefined> = {},
    nodeOptions: string[] = [],
  ) {
    return spawn(process.execPath, [...nodeOptions, "scripts/setup.mjs", ...options], {
      cwd: this.root,
      env: { ...process.env, STACK_DIR: undefined, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs setup.mjs as an npm script would, on this very Node. */
  async setup(
    options: string[] = [],
    environment: Record<string, string | undefined> = {},
    nodeOptions: string[] = [],
  ): Promise<SetupRun> {
    const child = this.startSetup(options, environment, nodeOptions);
    const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      closed,
    ]);
    return { code, stdout, stderr };
  }

  /** Puts a program named npm first on the PATH; returns the environment that makes setup use it. */
  fakeNpm(script: string): Record<string, string | undefined> {
    this.write(
      "bin/npm",
      `#!/bin/sh\nif [ "$1" = --version ]; then echo 11.0.0; exit; fi\n${script}\n`,
    );
    chmodSync(this.path("bin/npm"), 0o755);
    return { npm_execpath: undefined, PATH: `${this.path("bin")}:${process.env.PATH}` };
  }
}
