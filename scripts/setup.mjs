// Runs before every command and sees to it that the dependencies are there. By itself:
//   node scripts/setup.mjs            installs them when they are missing or not the locked ones
//   node scripts/setup.mjs --clean    installs them anew in any case
//   node scripts/setup.mjs --present  never installs, only asks that they be there (stack:down,
//                                     stack:status and stack:logs must work beside a newer lockfile)
//
// Says what it does on stderr, so that the output of the command that follows stays machine-readable.
// Exit code: 0 ready, 1 the disk is full, 2 could not get ready, over 128 stopped by a signal (130 is Ctrl-C).
import { spawnSync } from "child_process";
import fs from "fs";
import path from "path";
import { fileURLToPath } from "url";
import { SetupError } from "./setup/errors.mjs";
import { install } from "./setup/install.mjs";
import { bringsNode, linkNode, whyInstall } from "./setup/installed.mjs";
import { isAlive, runningProcesses } from "./setup/running-stack.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const oldestNode = [22, 15];

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  void prepared(process.argv.slice(2));
}

/** Whether the dependencies are there now. Otherwise says why not, and sets the exit code. */
export async function prepared(options) {
  try {
    await prepare(options);
    return true;
  } catch (error) {
    const told = error instanceof SetupError ? error : systemErrorOf(error);
    say(told ? told.message : `internal_error: ${error.stack}`);
    process.exitCode = told ? told.exitCode : 2;
    return false;
  }
}

/** What the system refused: the machine's matter, and no defect of ours. */
function systemErrorOf(error) {
  if (!error.syscall) {
    return undefined;
  }
  const { code, syscall, path: file = "a file" } = error;
  if (code === "ENOSPC") {
    return new SetupError("disk_full");
  }
  return ["EROFS", "EACCES", "EPERM"].includes(code)
    ? new SetupError("file_unwritable", { file, reason: code })
    : new SetupError("system_refused", { reason: `${syscall} of ${file} failed (${code})` });
}

async function prepare(options) {
  if (options.includes("--present")) {
    return requirePresence();
  }
  const why = () => (options.includes("--clean") ? "a clean install" : whyInstall(root));
  requireNode();
  if (why() === "") {
    return linkNode(root);
  }
  await alone(async () => {
    const reason = why();
    // Whoever held the lock before us may have done the work.
    if (reason === "") {
      return;
    }
    refuseUnderRunningStack(reason);
    await installAndReport(reason);
  });
}

async function installAndReport(reason) {
  const hadGpuBuild = hasGpuBuild();
  const started = Date.now();
  say(`${reason}: installing the locked dependencies (650 MB on disk, about a minute) ...`);
  await install(root);
  let left = whyInstall(root);
  if (left !== "" && bringsNode(root) && !isNewEnough(process.version)) {
    // npm drops an optional package that says it is not for the Node that npm runs on.
    say(`${left}: Node ${process.version.slice(1)} is too old for it; again with the new Node ...`);
    linkNode(root);
    await install(root, path.join(root, "node_modules", ".bin", "node"));
    left = whyInstall(root);
  }
  if (left !== "") {
    throw new SetupError("install_incomplete", { reason: left });
  }
  linkNode(root);
  const version = installedNodeVersion();
  say(
    `installed in ${Math.round((Date.now() - started) / 1000)} s; npm scripts run on Node ${version}.`,
  );
  if (hadGpuBuild) {
    say("the GPU build of llama.cpp is gone with the old install: npm run gpu:install");
  }
}

function requirePresence() {
  if (!fs.existsSync(path.join(root, "node_modules", "tsx", "package.json"))) {
    throw new SetupError("not_installed");
  }
  linkNode(root);
}

/** Fails early where neither the machine nor the lockfile has a Node that is new enough. */
export function requireNode() {
  if (bringsNode(root) || isNewEnough(process.version)) {
    return;
  }
  throw new SetupError("node_too_old", {
    node: process.version.slice(1),
    system: `${process.platform}-${process.arch}`,
  });
}

/** The version of the Node that npm scripts find first, which must really run here. */
export function installedNodeVersion() {
  const bundled = path.join(root, "node_modules", ".bin", "node");
  if (!fs.existsSync(bundled)) {
    return process.version.slice(1);
  }
  const result = spawnSync(bundled, ["--version"], { encoding: "utf8" });
  if (result.status === 0) {
    return result.stdout.trim().slice(1);
  }
  throw new SetupError("node_broken", {
    reason: result.error ? result.error.message : result.stderr.trim().split("\n")[0],
  });
}

export function isNewEnough(version) {
  const parts = version.slice(1).split(".").map(Number);
  return parts[0] > oldestNode[0] || (parts[0] === oldestNode[0] && parts[1] >= oldestNode[1]);
}

function refuseUnderRunningStack(reason) {
  const stackFolder = path.resolve(root, process.env.STACK_DIR || ".stack");
  const running = runningProcesses(root, stackFolder);
  if (running.length === 0) {
    return;
  }
  const names = running.map((each) => `${each.name} (pid ${each.pid})`).join(", ");
  throw new SetupError("stack_running", { reason, processes: names });
}

/** Two installs at once destroy each other's work: the second waits for the first. */
async function alone(work) {
  const lock = path.join(root, ".setup.lock");
  let waiting = false;
  while (!takeLock(lock)) {
    if (!waiting) {
      say("another install is running in this checkout; waiting for it ...");
    }
    waiting = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    await work();
  } finally {
    fs.unlinkSync(lock);
  }
}

function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "ENOSPC" || error.code === "EMFILE") {
      throw error;
    }
    if (error.code !== "EEXIST") {
      throw new SetupError("file_unwritable", { file: root, reason: error.code });
    }
  }
  try {
    // The holder writes its number just after it creates the file, hence the second of grace.
    const holder = Number(fs.readFileSync(lock, "utf8"));
    if (!isAlive(holder) && fs.statSync(lock).mtimeMs < Date.now() - 1000) {
      fs.unlinkSync(lock);
    }
  } catch (error) {
    if (error.code !== "ENOENT") {
      throw error;
    }
  }
  return false;
}

/** `npm run gpu:install` puts folders where the lockfile has links to an empty package. */
function hasGpuBuild() {
  const folder = path.join(root, "node_modules", "@node-llama-cpp");
  if (!fs.existsSync(folder)) {
    return false;
  }
  return fs
    .readdirSync(folder)
    .some(
      (name) => /cuda|vulkan/.test(name) && !fs.lstatSync(path.join(folder, name)).isSymbolicLink(),
    );
}

/**
 * As `writeLines` (stack/command/terminal.ts), which needs the dependencies: npm repeats what a registry
 * says and how its address is set.
 */
export function writeShown(stream, lines) {
  stream.write(lines.map((line) => `${shown(line)}\n`).join(""));
}

function say(text) {
  writeShown(
    process.stderr,
    text.split("\n").map((line) => `setup: ${line}`),
  );
}

function shown(line) {
  return line
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
      const code = character.codePointAt(0).toString(16);
      return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
    })
    .replace(/(\/\/)[^\s/?#"']*@/g, "$1…@")
    .replace(
      /((?:_auth\w*|token|password|bearer|basic)["']?\s*[=: ]\s*["']?)[\w.~+/=-]{8,}/gi,
      "$1…",
    );
}
