/** `npm run notice`: writes today's dependencies into NOTICE. */
import { readFileSync, writeFileSync } from "node:fs";
import { dependencies, noticeText } from "./check/licences.ts";

const path = new URL("../NOTICE", import.meta.url);
const lockfile = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
writeFileSync(path, noticeText(readFileSync(path, "utf8"), dependencies(lockfile)));
process.stdout.write("NOTICE is of today.\n");
