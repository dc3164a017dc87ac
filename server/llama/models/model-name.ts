import { basename } from "node:path";

/**
 * The public name of a model: its file name without `.gguf`, with every character outside
 * `[A-Za-z0-9._-]` replaced by a hyphen, so that it can stand in an attribute and in a URL.
 */
export function modelNameOf(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, 128);
  return name === "" ? "model" : name;
}
