import { existsSync } from "node:fs";
import { checkout } from "../../../stack/index.ts";
import { whyInstall } from "../../setup/installed.mjs";
import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";

/** What can be said before they are there, `scripts/setup/doctor.mjs` says. */
export const dependenciesCheck: Check = {
  name: "Node",
  why: "Other versions of a package than the locked ones were never tested here.",
  look: () => {
    const reason = whyInstall(checkout);
    const place = isContainer() ? ", in a container: localhost is the container itself" : "";
    return reason === ""
      ? fine(
          `Node ${process.versions.node} on ${process.platform}-${process.arch}${place}; all dependencies are there.`,
        )
      : new Finding("dependencies_stale", { reason });
  },
};

/** Where `localhost` is not what a browser or another service outside means by it. */
export function isContainer(): boolean {
  return ["/.dockerenv", "/run/.containerenv"].some((file) => existsSync(file));
}
