/** For tests: a copy of the project in which files may be changed, and a preview of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

const root = resolve(import.meta.dirname, "..", "..");
const copied = [
  "contract",
  "dashboards",
  "docs",
  "miniserve.config.ts",
  "provisioning",
  "scripts",
  "stack",
];
const files = ["package.json", "package-lock.json", "tsconfig.json"];

export interface PreviewedCheckout {
  readonly address: string;
  /** Replaces a text, which the file must have, and gives the line (from 1) that it was in. */
  readonly edit: (file: string, from: string, to: string) => number;
  readonly read: (file: string) => string;
  /** What the command has printed so far. */
  readonly printed: () => string;
  /** Ends it as Ctrl-C does, and gives its exit code. */
  readonly end: () => Promise<number | null>;
}

/** Starts `npm run dashboards:preview -- --tempo URL` in a copy of the project, which may be prepared. */
export async function previewedCheckout(
  t: TestContext,
  tempoUrl: string,
  prepare: (edit: PreviewedCheckout["edit"]) => void = () => undefined,
): Promise<PreviewedCheckout> {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-preview-"));
  for (const name of [...copied, ...files]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const edit: PreviewedCheckout["edit"] = (file, from, to) => {
    const before = read(file);
    const place = before.indexOf(from);
    if (place === -1) {
      throw new Error(`${file} has no ${from}`);
    }
    writeFileSync(
      join(folder, file),
      before.replace(from, () => to),
    );
    return before.slice(0, place).split("\n").length;
  };
  prepare(edit);
  const program = join("scripts", "dashboards-preview.ts");
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, "--tempo", tempoUrl, "--port", "0"],
    {
      cwd: folder,
      // What Node keeps of sources is found by their paths, and nobody comes back to these.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ended = once(child, "exit");
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  });
  let text = "";
  const address = await new Promise<string>((found, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        text += `${line}\n`;
        const [, url] = /^The preview: (http:\S+)\/dashboards/.exec(line) ?? [];
        if (url !== undefined) {
          found(url);
        }
      });
    }
    child.once("exit", () => fail(new Error(text)));
  });
  return {
    address,
    read,
    edit,
    printed: () => text,
    end: async () => {
      child.kill("SIGINT");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}
