import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { GeneratedFile } from "#contract";

/**
 * Where a preview keeps what it shows, as the project's `generated/` folders would have it: those are
 * written by `npm run generate` alone. Below `node_modules`, so that what is run there finds its packages.
 */
export class ScratchFolder {
  readonly path: string;

  constructor(checkout: string) {
    const all = join(checkout, "node_modules", ".cache", "miniserve", "preview");
    mkdirSync(all, { recursive: true });
    for (const name of readdirSync(all).filter((pid) => !isAlive(Number(pid)))) {
      rmSync(join(all, name), { recursive: true, force: true });
    }
    const path = join(all, String(process.pid));
    mkdirSync(path, { recursive: true });
    // The places in source maps are relative to where a module is in truth.
    this.path = realpathSync(path);
  }

  get provisioningFolder(): string {
    return join(this.path, "provisioning", "generated", "grafana");
  }

  get dashboardsFolder(): string {
    return join(this.path, "dashboards", "generated");
  }

  /** Makes these the files that are shown. @returns whether any of them is another than before. */
  show(files: readonly GeneratedFile[]): boolean {
    const shown = files.filter(({ path }) => isShown(path));
    const paths = new Set(shown.map(({ path }) => path));
    const stale = this.#files().filter((path) => !paths.has(path));
    const changed = shown.filter(
      ({ path, content }) => readContent(join(this.path, path)) !== content,
    );
    for (const { path, content } of changed) {
      // Whole or not at all: a page may ask at any time.
      const file = join(this.path, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, content);
      renameSync(`${file}.new`, file);
    }
    for (const path of stale) {
      rmSync(join(this.path, path));
    }
    return changed.length + stale.length > 0;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #files(): string[] {
    return ["dashboards", "provisioning"]
      .map((folder) => join(this.path, folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => file.slice(this.path.length + 1).replaceAll("\\", "/"));
  }
}

function isShown(path: string): boolean {
  return /^(dashboards|provisioning)\/generated\//.test(path);
}

function readContent(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

type End = () => void | Promise<void>;

/** What must be ended, in the reverse order of its beginning; what begins too late is ended at once. */
export class CleanUp {
  readonly #ends: End[] = [];
  #isOver = false;

  /** Whether everything is ended, so that nothing else should begin. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async add(end: End): Promise<void> {
    if (this.#isOver) {
      await end();
    } else {
      this.#ends.push(end);
    }
  }

  async run(): Promise<void> {
    this.#isOver = true;
    for (const end of this.#ends.splice(0).toReversed()) {
      await end();
    }
  }
}
