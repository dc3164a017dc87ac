import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

const leftOut: ReadonlySet<string> = new Set(["generated", "node_modules"]);

/** An editor that saves by renaming, or several files at once, makes several events. */
const settleMs = 15;

/**
 * Tells of every change of the sources in some folders: which files are new, gone or of other content.
 * Folders called `generated` and `node_modules` are not looked at, and neither are tests.
 */
export class SourceWatch {
  readonly #root: string;
  readonly #folders: readonly string[];
  readonly #onChange: (files: readonly string[]) => void;
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  #stamps: ReadonlyMap<string, string>;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    root: string,
    folders: readonly string[],
    onChange: (files: readonly string[]) => void,
  ) {
    this.#root = root;
    this.#folders = folders;
    this.#onChange = onChange;
    this.#stamps = this.#scan();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watchers.values()) {
      watcher.close();
    }
    this.#watchers.clear();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const before = this.#stamps;
      this.#stamps = this.#scan();
      const files = new Set([...before.keys(), ...this.#stamps.keys()]);
      const changed = [...files].filter((file) => before.get(file) !== this.#stamps.get(file));
      if (changed.length > 0) {
        this.#onChange(changed);
      }
    }, settleMs);
  }

  /** The files with what changes when they do; folders that are new are watched from then on. */
  #scan(): Map<string, string> {
    const stamps = new Map<string, string>();
    const folders = new Set<string>();
    const visit = (folder: string) => {
      this.#watch(folder);
      folders.add(folder);
      for (const entry of entriesIn(join(this.#root, folder))) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory() && !leftOut.has(entry.name)) {
          visit(path);
        } else if (/\.(ts|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts")) {
          const stamp = readStamp(join(this.#root, path));
          if (stamp !== undefined) {
            stamps.set(path, stamp);
          }
        }
      }
    };
    for (const folder of this.#folders) {
      visit(folder);
    }
    for (const [folder, { watcher }] of this.#watchers) {
      if (!folders.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    }
    return stamps;
  }

  /** A folder that was replaced by another of its name, as on a change of branches, is watched anew. */
  #watch(folder: string): void {
    const path = join(this.#root, folder);
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    const before = this.#watchers.get(folder);
    if (inode === undefined || before?.inode === inode) {
      return;
    }
    before?.watcher.close();
    const watcher = watch(path, () => this.#settle());
    // A folder that is removed ends its watch with an error on some systems.
    watcher.on("error", () => this.#settle());
    this.#watchers.set(folder, { watcher, inode });
  }
}

function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone since it was listed: its files are gone, too.
    return [];
  }
}

function readStamp(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.mtimeMs} ${found.size} ${found.ino}`;
}
