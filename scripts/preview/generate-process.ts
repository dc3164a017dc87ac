/**
 * The process that generates for a preview: told to by a message, it bundles the project's sources, runs
 * them, and answers with the files or with what is wrong. It is apart because what it runs has just been
 * typed: it may hang, or end its process.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildContext, type BuildFailure, context, stop } from "esbuild";
import { configurationPlugin } from "../../stack/index.ts";
import { type Generation, generationProblems, syntaxProblems } from "./generation-problems.ts";
import type { previewedFiles } from "./previewed-files.ts";

const [checkout = "", folder = "", configuration = ""] = process.argv.slice(2);
const entry = join("scripts", "preview", "previewed-files.ts");
let count = 0;
let building: Promise<BuildContext> | undefined;

process.setSourceMapsEnabled(true);
process.on("message", () => {
  void generate().then((generation) => process.send?.(generation));
});
process.on("disconnect", () => {
  void stop();
  process.exit(0);
});

async function generate(): Promise<Generation> {
  let script: Uint8Array;
  try {
    building ??= startBuilding();
    const { outputFiles = [] } = await (await building).rebuild();
    script = outputFiles[0]?.contents ?? new Uint8Array();
  } catch (error) {
    if (!Array.isArray((error as BuildFailure).errors)) {
      throw error;
    }
    return { problems: syntaxProblems(error as BuildFailure) };
  }
  // Under a new name, so that it is loaded as a new module.
  count += 1;
  const file = join(folder, `generation-${process.pid}-${count}.mjs`);
  try {
    writeFileSync(file, script);
    const generation = (await import(pathToFileURL(file).href)) as {
      previewedFiles: typeof previewedFiles;
    };
    return { files: await generation.previewedFiles() };
  } catch (error) {
    return { problems: generationProblems(checkout, error) };
  } finally {
    rmSync(file, { force: true });
  }
}

/** Packages stay outside: they are loaded once, which takes longer than all the rest. */
function startBuilding(): Promise<BuildContext> {
  return context({
    absWorkingDir: checkout,
    entryPoints: [entry],
    outfile: join(folder, "generation.mjs"),
    write: false,
    bundle: true,
    packages: "external",
    plugins: [configurationPlugin(checkout, configuration)],
    platform: "node",
    format: "esm",
    target: "es2023",
    sourcemap: "inline",
    logLevel: "silent",
  });
}
