/** `npm run lock:complete`: adds the platform packages that npm left out of the lockfile. */
import { readFileSync, writeFileSync } from "node:fs";
import { printedHelp, ToolError, tellToolErrors } from "./check/developer-tool.ts";
import { completed, type Lockfile, missingEntries } from "./check/lockfile.ts";

const usage = `npm run lock:complete: adds the packages of other platforms, which npm leaves out, to
package-lock.json.

Examples:
  npm run lock:complete
      after npm install added a dependency

Exit code:
  0  The lockfile is complete.
  1  The lockfile could not be read or written.
`;

if (!printedHelp(usage)) {
  await tellToolErrors(completeLockfile);
}

function completeLockfile(): void {
  const path = new URL("../package-lock.json", import.meta.url);
  try {
    const lockfile: Lockfile = JSON.parse(readFileSync(path, "utf8"));
    const missing = missingEntries(lockfile);
    writeFileSync(path, `${JSON.stringify(completed(lockfile), null, 2)}\n`);
    process.stdout.write(`package-lock.json: ${missing.length} platform packages added.\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ToolError("lockfile_unusable", { reason, cause });
  }
}
