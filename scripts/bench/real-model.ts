import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkout, StackError } from "../../stack/index.ts";

/** The default model's file in any of its quantisations. */
const defaultModelFile = /^SmolLM2-135M-Instruct.*\.gguf$/;

/**
 * The model to measure on: the file that MINISERVE_MODEL names, or the default one where it is kept.
 * @throws StackError `model_unavailable`; what is measured on the tiny model would mean nothing.
 */
export function findRealModel(model: string, modelsDirectory: string): string {
  if (model !== "") {
    const path = resolve(checkout, model);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
    throw unavailable("MINISERVE_MODEL is not the path of a file.");
  }
  const folder = resolve(checkout, modelsDirectory);
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const name = isThere
    ? readdirSync(folder).find((file) => defaultModelFile.test(file))
    : undefined;
  if (name !== undefined) return join(folder, name);
  throw unavailable("The default model has not been fetched.");
}

function unavailable(seen: string): StackError {
  return new StackError({
    code: "model_unavailable",
    seen,
    action: "Get it with npm start -- --prepare, or set MINISERVE_MODEL to a .gguf file.",
    exitCode: 2,
  });
}
