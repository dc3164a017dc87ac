import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

export interface Bundle {
  /** Changes whenever anything does that the bundle is made of. */
  readonly digest: string;
  readonly script: Buffer;
  readonly style: Buffer;
}

const pageFolder = join("stack", "viewer", "page");
/** What the bundle is made of, besides the packages, whose versions the lockfile has. */
const sources = [`${pageFolder}/**/*`, "stack/viewer/data/**/*", "contract/**/*"];

/**
 * The page's script and style, made by esbuild and kept for the next start.
 * @throws Error with esbuild's words when a source cannot be bundled.
 */
export async function bundlePage(checkout: string, cacheFolder: string): Promise<Bundle> {
  const digest = hashCheckout(checkout);
  const folder = join(cacheFolder, digest);
  const [script, style] = [join(folder, "viewer.js"), join(folder, "viewer.css")];
  if (!existsSync(script) || !existsSync(style)) {
    await buildInto(checkout, cacheFolder, digest);
    removeOld(cacheFolder);
  }
  return { digest, script: readFileSync(script), style: readFileSync(style) };
}

function hashCheckout(checkout: string): string {
  const hash = createHash("sha256");
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: checkout })).sort();
  for (const file of [...files.filter((name) => /\.(tsx?|css)$/.test(name)), "package-lock.json"]) {
    hash.update(`${file}\n`).update(readFileSync(join(checkout, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Two starts may build at once: each writes a folder of its own, and one of them gets the name. */
async function buildInto(checkout: string, cacheFolder: string, digest: string): Promise<void> {
  // Its 50 MB are needed only where there is something to build.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: [join(pageFolder, "main.tsx"), join(pageFolder, "viewer.css")],
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    // Licences are in NOTICE.
    legalComments: "none",
    logLevel: "silent",
  });
  const readContent = (ending: string) =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.contents ?? new Uint8Array();
  const folder = join(cacheFolder, `${digest}.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "viewer.js"), readContent("main.js"));
  writeFileSync(join(folder, "viewer.css"), readContent("viewer.css"));
  try {
    renameSync(folder, join(cacheFolder, digest));
  } catch (error) {
    if (!existsSync(join(cacheFolder, digest))) {
      throw error;
    }
  }
}

const daysKept = 7;

/** A checkout that is worked on would gather one with each change. */
function removeOld(cacheFolder: string): void {
  for (const name of readdirSync(cacheFolder)) {
    const folder = join(cacheFolder, name);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > daysKept * 86_400_000) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
