/** `npm run notice`: writes today's dependencies into NOTICE. */
import { readFileSync, writeFileSync } from "node:fs";
import { printedHelp } from "./check/developer-tool.ts";
import { dependencies, noticeText } from "./check/licences.ts";

const usage = `npm run notice: writes the dependencies in package-lock.json into NOTICE.

Examples:
  npm run notice
      after a dependency was added

Exit code:
  0  NOTICE is up to date.
  1  A file could not be read or written.
`;

if (!printedHelp(usage)) {
  const path = new URL("../NOTICE", import.meta.url);
  const lockfile = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  const found = dependencies(JSON.parse(lockfile));
  writeFileSync(path, noticeText(readFileSync(path, "utf8"), found));
  process.stdout.write("NOTICE is up to date.\n");
}
