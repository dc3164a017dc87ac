/** `npm run lock:complete`: adds the platform packages that npm left out of the lockfile. */
import { readFileSync, writeFileSync } from "node:fs";
import { completed, type Lockfile, missingEntries } from "./check/lockfile.ts";

const path = new URL("../package-lock.json", import.meta.url);
const lockfile: Lockfile = JSON.parse(readFileSync(path, "utf8"));
const missing = missingEntries(lockfile);
writeFileSync(path, `${JSON.stringify(completed(lockfile), null, 2)}\n`);
process.stdout.write(`package-lock.json: ${missing.length} platform packages added.\n`);
