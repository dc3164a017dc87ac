/**
 * Which licences the dependencies have, and the NOTICE file that names them.
 *
 * The lockfile is the source, since it knows the packages of every platform; what is installed must
 * agree with it. A licence that is not on the list, or not known, is a fault.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LockedPackage, Lockfile } from "./lockfile.ts";

/** Permissive licences that ask for no more than their text and the author's name. */
const allowedLicences = new Set([
  "0BSD",
  "Apache-2.0",
  // As usearch writes it.
  "Apache 2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
  "Zlib",
]);

/**
 * Of a package that only develops, two more are allowed. MPL-2.0 asks that the files under it stay under it
 * and can be had as source, where they are passed on or put into something that is. Nothing that miniserve
 * ships has them in it: plain code may not import what only develops (`npm run check -- imports`). CC0-1.0
 * gives all rights away, but does not speak of patents.
 */
const allowedForDevelopment = new Set([...allowedLicences, "CC0-1.0", "MPL-2.0"]);

export interface Dependency {
  name: string;
  location: string;
  /** An SPDX expression; "" when neither the package nor the lockfile says. */
  licence: string;
  /** Needed to run miniserve, not only to develop it. */
  isRuntime: boolean;
}

/** Every dependency of every platform, from the lockfile. */
export function dependencies(lockfile: Lockfile): Dependency[] {
  return Object.entries(lockfile.packages)
    .filter(([location, entry]) => location.includes("node_modules/") && entry.link !== true)
    .map(([location, entry]) => ({
      name: location.slice(location.lastIndexOf("node_modules/") + "node_modules/".length),
      location,
      licence: entry.license ?? findPublisherLicence(lockfile, location, entry),
      isRuntime: entry.dev !== true,
    }));
}

/**
 * A platform's binary is a part of the package that names it among its optional dependencies, at
 * the very version: the entries that `npm run lock:complete` adds take their licence from there.
 */
function findPublisherLicence(lockfile: Lockfile, location: string, entry: LockedPackage): string {
  if (entry.optional !== true || entry.os === undefined) {
    return "";
  }
  const name = location.replace(/^node_modules\//, "");
  const publisher = Object.values(lockfile.packages).find(
    (candidate) => candidate.optionalDependencies?.[name] === entry.version,
  );
  return publisher?.license ?? "";
}

/** What is wrong with the licences of the repository in `root`, one sentence each. */
export function licenceFaults(root: string): string[] {
  const lockfile: Lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const all = dependencies(lockfile);
  const faults = all.flatMap((dependency) => listFaults(root, dependency));
  if (all.length === 0) {
    faults.push("package-lock.json: names no dependency; is it the right file?");
  }
  const notice = join(root, "NOTICE");
  const actual = existsSync(notice) ? readFileSync(notice, "utf8") : "";
  if (actual !== noticeText(actual, all)) {
    faults.push("NOTICE: does not name the dependencies of today. Run: npm run notice");
  }
  return faults;
}

function listFaults(root: string, { location, licence, isRuntime }: Dependency): string[] {
  const faults: string[] = [];
  if (!isAllowed(licence, isRuntime ? allowedLicences : allowedForDevelopment)) {
    faults.push(
      `${location}: licence ${licence === "" ? "unknown" : `"${licence}"`} is not on the list in ` +
        "scripts/check/licences.ts. Take another package, or have the licence looked at.",
    );
  }
  const manifest = join(root, location, "package.json");
  if (existsSync(manifest)) {
    const installed: unknown = JSON.parse(readFileSync(manifest, "utf8")).license;
    if (installed !== licence) {
      faults.push(
        `${location}: the lockfile says "${licence}", the package ${JSON.stringify(installed)}.`,
      );
    }
  }
  return faults;
}

/** Whether an SPDX expression leaves a choice of allowed licences. Anything else is refused. */
export function isAllowed(expression: string, allowed = allowedLicences): boolean {
  const plain = expression.trim().replace(/^\(([^()]*)\)$/, "$1");
  return plain
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((licence) => allowed.has(licence.trim())));
}

const listStart = "Packages that miniserve runs with, by licence (written by `npm run notice`):\n";

/** The NOTICE file: what people wrote above the list stays, the list is of today. */
export function noticeText(current: string, all: Dependency[]): string {
  const head = current.split(listStart)[0] ?? "";
  const byLicence = Map.groupBy(
    all.filter((dependency) => dependency.isRuntime),
    (dependency) => dependency.licence,
  );
  const groups = [...byLicence]
    .sort(([left], [right]) => left.localeCompare(right, "en"))
    .map(([licence, members]) => {
      const names = [...new Set(members.map((member) => member.name))].sort();
      return `\n${licence}\n${names.map((name) => `  ${name}\n`).join("")}`;
    });
  return `${head}${listStart}${groups.join("")}`;
}
