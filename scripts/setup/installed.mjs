// Compares node_modules with package-lock.json.
//
// Like everything under scripts/setup/, this is plain JavaScript without newer syntax: it runs
// before anything is installed, under whatever Node the machine has.
import fs from "fs";
import path from "path";

/**
 * Why the dependencies of the project in `root` must be installed, or "" when all is well.
 *
 * npm writes node_modules/.package-lock.json last and removes node_modules first, so an
 * interrupted install is seen by its absence. An install made by hand counts like one of ours.
 */
export function whyInstall(root) {
  const locked = readPackages(path.join(root, "package-lock.json"));
  if (!fs.existsSync(path.join(root, "node_modules"))) {
    return "nothing is installed yet";
  }
  const installed = readPackages(path.join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) {
    return "an earlier install did not finish";
  }
  if (locked === undefined) {
    return "package-lock.json cannot be read";
  }

  for (const location of Object.keys(installed)) {
    if (!isSamePackage(locked[location], installed[location])) {
      return "package-lock.json is newer";
    }
    if (!fs.existsSync(path.join(root, location, "package.json"))) {
      return `${location} is missing`;
    }
  }
  for (const location of Object.keys(locked)) {
    if (location === "" || installed[location] !== undefined) {
      continue;
    }
    if (isNeededHere(locked[location])) {
      return `${location} is missing`;
    }
  }
  return "";
}

/** Whether a Node binary for this machine is among the locked dependencies. */
export function bringsNode(root) {
  return bundledNode(root) !== undefined;
}

/**
 * Puts that binary into node_modules/.bin, where npm scripts look first. npm should, but npm 10
 * removes the link again together with the package of another processor, which has the same one.
 */
export function linkNode(root) {
  const target = bundledNode(root);
  const link = path.join(root, "node_modules", ".bin", "node");
  if (target === undefined || fs.existsSync(link)) {
    return;
  }
  fs.mkdirSync(path.dirname(link), { recursive: true });
  removeDangling(link);
  fs.symlinkSync(path.relative(path.dirname(link), path.join(root, target)), link);
}

function removeDangling(link) {
  try {
    fs.unlinkSync(link);
  } catch (error) {
    if (error.code !== "ENOENT") {
      throw error;
    }
  }
}

/** Where the locked Node binary for this machine is, relative to `root`; undefined without one. */
function bundledNode(root) {
  const locked = readPackages(path.join(root, "package-lock.json")) || {};
  const location = Object.keys(locked).find(
    (each) => locked[each].bin && locked[each].bin.node && fits(locked[each]),
  );
  return location && path.join(location, locked[location].bin.node);
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

function isSamePackage(left, right) {
  return (
    left !== undefined &&
    left.version === right.version &&
    left.integrity === right.integrity &&
    left.resolved === right.resolved
  );
}

/**
 * npm leaves an optional package out without a word when its download fails. For one that names
 * its platform we can tell; others may belong to a package that is not for this platform.
 */
function isNeededHere(entry) {
  if (!entry.optional) {
    return true;
  }
  return (entry.os !== undefined || entry.cpu !== undefined) && fits(entry);
}

function fits(entry) {
  return (
    allows(entry.os, process.platform) &&
    allows(entry.cpu, process.arch) &&
    (entry.libc === undefined || allows(entry.libc, libc()))
  );
}

/** npm writes one value or a list; "!name" excludes. */
function allows(wanted, actual) {
  if (wanted === undefined) {
    return true;
  }
  const list = [].concat(wanted);
  if (list.includes(`!${actual}`)) {
    return false;
  }
  const positive = list.filter((value) => value[0] !== "!");
  return positive.length === 0 || positive.includes(actual);
}

let knownLibc;

function libc() {
  if (knownLibc === undefined) {
    const report = process.platform === "linux" && process.report ? process.report.getReport() : {};
    const header = (typeof report === "string" ? JSON.parse(report) : report).header || {};
    knownLibc = header.glibcVersionRuntime ? "glibc" : "musl";
  }
  return knownLibc;
}
