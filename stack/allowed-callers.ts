import { isIPv6 } from "node:net";
import type { AllowedCallers } from "./embedded/access.ts";

/** What of the settings says who may call the store and the viewer. Faults are added to the list. */
export function readAllowedCallers(
  set: (variable: string) => string | undefined,
  faults: string[],
): AllowedCallers {
  const listOf = (variable: string, isOne: (item: string) => boolean, takes: string) => {
    const items = (set(variable) ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    const wrong = items.filter((item) => !isOne(item));
    if (wrong.length > 0) {
      faults.push(`${variable} has ${wrong.map(quoted).join(" and ")}: it takes ${takes}.`);
    }
    return items;
  };
  return {
    hosts: listOf(
      "STACK_ALLOWED_HOSTS",
      isHostName,
      "host names without ports, such as host.docker.internal, with commas between them",
    ),
    origins: listOf(
      "STACK_ALLOWED_ORIGINS",
      isOrigin,
      "origins such as https://app.example, with commas between them",
    ),
  };
}

/** A name or an address, as it stands in a Host header without the port. */
function isHostName(item: string): boolean {
  return /^[0-9a-z._-]+$/i.test(item) || isIPv6(item.replace(/^\[(.*)\]$/, "$1"));
}

/** As browsers send it: no path, and no port that goes without saying. */
function isOrigin(item: string): boolean {
  return URL.canParse(item) && new URL(item).origin === item;
}

/** A setting may hold anything, and this is read at a terminal. */
function quoted(item: string): string {
  return JSON.stringify(item);
}
