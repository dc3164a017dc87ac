import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone with this process; before that, a test may still close what uses it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-store-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
