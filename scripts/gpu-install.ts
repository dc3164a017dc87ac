/**
 * `npm run gpu:install -- cuda|vulkan`: fetches a GPU build of llama.cpp.
 *
 * The GPU builds take some hundred megabytes, so package.json points them to an empty package
 * (`scripts/no-gpu/`). This puts the real ones in their place, in the version of the installed
 * node-llama-cpp; npm verifies what it downloads. The next clean install puts the empty ones back.
 * A Mac needs none of this: Metal is in the ordinary build.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeLines } from "../stack/index.ts";
import { printedHelp, ToolError, tellToolErrors } from "./check/developer-tool.ts";

const usage = `npm run gpu:install -- cuda|vulkan

Downloads the GPU build of llama.cpp, some hundred megabytes, for Linux or Windows on x64. A Mac does
not need it. The next clean install removes it.

Examples:
  npm run gpu:install -- cuda
      then start with MINISERVE_GPU=cuda

Exit code:
  0  The build is installed.
  1  The download failed.
  2  There is no such build, or none for this machine.
`;

const builds: Record<string, string[]> = {
  cuda: ["cuda", "cuda-ext"],
  vulkan: ["vulkan"],
};
const system = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const wanted = process.argv[2] ?? "";

if (!printedHelp(usage)) {
  await tellToolErrors(installBuilds);
}

function installBuilds(): void {
  const names = builds[wanted];
  if (names === undefined) {
    const known = Object.keys(builds).join(", ");
    throw new ToolError("usage_invalid", { asked: `build "${wanted}"`, known });
  }
  if (!["linux-x64", "win-x64"].includes(system)) {
    throw new ToolError("gpu_unsupported", { system });
  }
  for (const build of names) {
    const name = `@node-llama-cpp/${system}-${build}`;
    try {
      fetchBuild(name);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ToolError("download_failed", { name, reason, cause });
    }
  }
  writeLines(process.stdout, [`Start the server with MINISERVE_GPU=${wanted} to use it.`]);
}

function fetchBuild(name: string): void {
  const version = JSON.parse(
    readFileSync("node_modules/node-llama-cpp/package.json", "utf8"),
  ).version;
  writeLines(process.stdout, [`Fetching ${name}@${version} …`]);
  const folder = mkdtempSync(join("node_modules", ".gpu-install-"));
  try {
    const packed = execFileSync(
      "npm",
      ["pack", `${name}@${version}`, "--json", "--loglevel=error", "--pack-destination", folder],
      { encoding: "utf8", shell: process.platform === "win32", maxBuffer: 64 * 1024 * 1024 },
    );
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    const archive = join(folder, JSON.parse(packed)[0].filename);
    execFileSync("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"]);
    if (!existsSync(join(unpacked, "bins"))) {
      throw new Error(`${name} holds no bins/ folder.`);
    }
    const place = join("node_modules", name);
    rmSync(place, { recursive: true, force: true });
    renameSync(unpacked, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
