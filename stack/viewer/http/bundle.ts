import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "esbuild";
import { configurationPlugin } from "./configuration-plugin.ts";

export interface Bundle {
  /** Changes whenever anything does that the bundle is made of. */
  readonly digest: string;
  readonly script: Buffer;
  readonly style: Buffer;
}

/** What a bundle is made of. */
interface BundleSources {
  readonly checkout: string;
  /** The file that names the services, absolute. */
  readonly configuration: string;
}

const pageFolder = join("stack", "viewer", "page");

/**
 * The page's script and style, made by esbuild and kept for the next start.
 * @throws Error with esbuild's words when a source cannot be bundled.
 */
export async function bundlePage(sources: BundleSources, cacheFolder: string): Promise<Bundle> {
  const kept = findKept(sources, cacheFolder);
  const digest = kept ?? (await buildInto(sources, cacheFolder));
  const folder = join(cacheFolder, digest);
  return {
    digest,
    script: readFileSync(join(folder, "viewer.js")),
    style: readFileSync(join(folder, "viewer.css")),
  };
}

/** The name of the list of files that the bundle of a configuration was made of. */
function getListFile({ configuration }: BundleSources, cacheFolder: string): string {
  const digest = createHash("sha256").update(configuration).digest("hex");
  return join(cacheFolder, `${digest.slice(0, 16)}.json`);
}

/** The digest of the bundle that was made of these sources as they are now. */
function findKept(sources: BundleSources, cacheFolder: string): string | undefined {
  const list = getListFile(sources, cacheFolder);
  if (!existsSync(list)) {
    return undefined;
  }
  const files: readonly string[] = JSON.parse(readFileSync(list, "utf8"));
  const digest = hashFiles(sources.checkout, files);
  return digest !== undefined && existsSync(join(cacheFolder, digest)) ? digest : undefined;
}

/** Undefined when one of them is there no more. */
function hashFiles(checkout: string, files: readonly string[]): string | undefined {
  const hash = createHash("sha256");
  for (const file of [...files, "package-lock.json"]) {
    const path = resolve(checkout, file);
    if (!existsSync(path)) {
      return undefined;
    }
    hash.update(`${file}\n`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** What the dashboards of a service are made of is loaded where they are made, and never by the page. */
const withoutLazyModules: Plugin = {
  name: "without lazy modules",
  setup: ({ onResolve }) => {
    onResolve({ filter: /./ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "unused", external: true } : undefined,
    );
  },
};

/**
 * Two starts may build at once: each writes a folder of its own, and one of them gets the name, which is
 * returned.
 */
async function buildInto(sources: BundleSources, cacheFolder: string): Promise<string> {
  const { checkout, configuration } = sources;
  // Its 50 MB are needed only where there is something to build.
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: checkout,
    metafile: true,
    plugins: [configurationPlugin(checkout, configuration), withoutLazyModules],
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
  const files = Object.keys(metafile.inputs)
    .filter((file) => !/(^|\/)node_modules\//.test(file))
    .sort();
  const digest = hashFiles(checkout, files) ?? "unknown";
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
    rmSync(folder, { recursive: true, force: true });
  }
  writeFileSync(getListFile(sources, cacheFolder), JSON.stringify(files));
  removeOld(cacheFolder);
  return digest;
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
