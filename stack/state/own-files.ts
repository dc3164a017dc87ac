import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Mended, mendPrivacy } from "../private-files.ts";

/** What the stack has in its folder besides the store's data, which the store looks after. */
const ownName = /^(stack\.json.*|(supervisor|store|viewer|server)\.log(\.1)?|no-log|data)$/;

/** Takes from others what they could read of it; the folder itself too, unless it is not ours alone. */
export function mendStackDirectory(directory: string): Mended {
  const names = readdirSync(directory);
  const own = names.filter((name) => ownName.test(name) && name !== "data");
  const isOursAlone = names.every((name) => ownName.test(name));
  return mendPrivacy(isOursAlone ? [directory] : own.map((name) => join(directory, name)));
}
