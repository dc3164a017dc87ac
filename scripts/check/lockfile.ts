/**
 * The lockfile as this project wants it.
 *
 * Two faults creep in when npm writes it, and both only show on somebody else's machine:
 *
 * - A registry mirror that lacks the packages of other platforms makes npm leave them out without
 *   a word. `npm ci` of npm 11 then refuses the lockfile, and npm 10 installs nothing for a Mac.
 *   Those packages have exact versions, so an entry can be written from the name alone; it carries
 *   no integrity hash, because nobody here has seen the tarball.
 * - A registry's address inside the lockfile ties every user to that registry.
 */

export interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  packages: Record<string, LockedPackage>;
}

export interface MissingEntry {
  /** Where npm would put it, which is also its key in the lockfile. */
  location: string;
  /** The location of the package that asks for it. */
  wantedBy: string;
  name: string;
  version: string;
}

const exactVersion = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;

/** Every optional dependency that some package names and the lockfile has no entry for. */
export function missingEntries(lockfile: Lockfile): MissingEntry[] {
  const missing: MissingEntry[] = [];
  for (const [wantedBy, wanting] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(wanting.optionalDependencies ?? {})) {
      if (!isLocked(lockfile, wantedBy, name)) {
        missing.push({ location: `node_modules/${name}`, wantedBy, name, version });
      }
    }
  }
  return missing;
}

/** The lockfile with an entry for each missing platform package, in npm's order. */
export function completed(lockfile: Lockfile): Lockfile {
  const packages = { ...lockfile.packages };
  for (const entry of missingEntries(lockfile)) {
    if (!exactVersion.test(entry.version)) {
      throw new Error(
        `lock_range: ${entry.wantedBy} wants ${entry.name}@${entry.version}, which is a range; ` +
          "only exact versions can be completed without the registry.",
      );
    }
    packages[entry.location] = {
      version: entry.version,
      ...getPlatform(entry.name),
      ...(lockfile.packages[entry.wantedBy]?.dev ? { dev: true } : {}),
      optional: true,
    };
  }
  const sorted = Object.entries(packages).sort(([left], [right]) =>
    left.localeCompare(right, "en"),
  );
  return { ...lockfile, packages: Object.fromEntries(sorted) };
}

/** What is wrong with a lockfile, one sentence each. */
export function lockfileFaults(lockfile: Lockfile): string[] {
  const faults = missingEntries(lockfile).map(
    (entry) =>
      `package-lock.json: no entry for ${entry.name}@${entry.version}, wanted by ${entry.wantedBy}. ` +
      "Run: npm run lock:complete",
  );
  for (const [location, entry] of Object.entries(lockfile.packages)) {
    if (entry.resolved?.includes("://")) {
      faults.push(
        `package-lock.json: ${location} names a registry address (${new URL(entry.resolved).host}). ` +
          "Run npm install with the .npmrc of this repository, which leaves addresses out.",
      );
    }
  }
  return faults;
}

/** Looks where Node would: beside the dependent, then outwards. */
function isLocked(lockfile: Lockfile, dependent: string, name: string): boolean {
  let folder = dependent;
  while (true) {
    const location = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lockfile.packages[location] !== undefined) {
      return true;
    }
    if (folder === "") {
      return false;
    }
    const parent = folder.lastIndexOf("/node_modules/");
    folder = parent === -1 ? "" : folder.slice(0, parent);
  }
}

const operatingSystems: Record<string, string> = {
  android: "android",
  darwin: "darwin",
  mac: "darwin",
  linux: "linux",
  win32: "win32",
  win: "win32",
  freebsd: "freebsd",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  aix: "aix",
};

const processors: Record<string, string> = {
  x64: "x64",
  arm64: "arm64",
  arm: "arm",
  armv7l: "arm",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
};

/** What npm must know to leave the package alone on other platforms, from words in its name. */
function getPlatform(name: string): Pick<LockedPackage, "os" | "cpu" | "libc"> {
  const words = name.split(/[/-]/);
  const os = words.map((word) => operatingSystems[word]).find((found) => found !== undefined);
  const cpu = words.map((word) => processors[word]).find((found) => found !== undefined);
  if (os === undefined || cpu === undefined) {
    throw new Error(`lock_platform: no platform can be read from the name ${name}.`);
  }
  const libc = words.some((word) => word.startsWith("musl"))
    ? { libc: ["musl"] }
    : words.some((word) => word.startsWith("gnu"))
      ? { libc: ["glibc"] }
      : {};
  return { cpu: [cpu], ...libc, os: [os] };
}
