import { execFileSync } from "node:child_process";

/** What `service.version` says when nobody can tell: a copy without its history, or no git. */
const versionWithoutGit = "unknown-without-git";

/** The commit that this code was checked out from, as git names it. */
export function serviceVersion(): string {
  try {
    const sha = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 2_000,
    }).trim();
    return /^[0-9a-f]{40,64}$/.test(sha) ? sha : versionWithoutGit;
  } catch {
    return versionWithoutGit;
  }
}
