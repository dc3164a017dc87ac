// What npm run doctor says where it cannot run itself: on a Node that is too old, or before anything is
// installed. Plain JavaScript without newer syntax, as all here, and it changes nothing either.
import { spawnSync } from "child_process";
import fs from "fs";
import path from "path";
import { installedNodeVersion, isNewEnough, requireNode, writeShown } from "../setup.mjs";
import { SetupError } from "./errors.mjs";
import { bringsNode, whyInstall } from "./installed.mjs";

/**
 * Whether doctor.ts can run here. Otherwise says in its place what is missing, and sets the exit code.
 * @public By scripts/commands.json.
 */
export async function canRun(root, options) {
  const node = look("Node", () => describeNode(root));
  if (node.mark === "fine" && isRunnable(root)) {
    return true;
  }
  const checks = [
    node,
    look("npm", describeNpm),
    look("Disk", () => describeDisk(root)),
    look("Dependencies", () => describeDependencies(root)),
  ];
  report(checks, options.includes("--json"));
  return false;
}

function isRunnable(root) {
  const hasLoader = fs.existsSync(path.join(root, "node_modules", "tsx", "package.json"));
  const hasNode = fs.existsSync(path.join(root, "node_modules", ".bin", "node"));
  return hasLoader && (hasNode || isNewEnough(process.version));
}

/** As the results of doctor.ts (run-checks.ts). */
const fine = { mark: "fine", code: null, details: [], why: null, action: null };

const whys = {
  Node: "Every command runs on it.",
  npm: "It installs the dependencies.",
  Disk: "The dependencies take 650 MB.",
  Dependencies: "Every command needs them.",
};

function look(check, describe) {
  try {
    return { check, ...fine, sentence: describe() };
  } catch (error) {
    if (error instanceof SetupError) {
      const { code, sentence, hint: action } = error;
      return { check, mark: "problem", code, sentence, details: [], why: whys[check], action };
    }
    throw error;
  }
}

function describeNode(root) {
  requireNode();
  const brought = bringsNode(root) ? ", and the dependencies bring their own" : "";
  return `Node ${process.versions.node} on ${process.platform}-${process.arch}${brought}.`;
}

const oldestNpm = 10;

function describeNpm() {
  const options = { encoding: "utf8", shell: process.platform === "win32", timeout: 10000 };
  const { status, stdout } = spawnSync("npm", ["--version"], options);
  if (status !== 0) {
    throw new SetupError("npm_missing");
  }
  const version = stdout.trim();
  if (parseInt(version, 10) < oldestNpm) {
    throw new SetupError("npm_too_old", { version });
  }
  return `npm ${version}.`;
}

const neededBytes = 700e6;

/** Node before 18.15 does not tell. */
function describeDisk(root) {
  if (!fs.statfsSync) {
    return "this Node does not tell how much is free; 700 MB are needed.";
  }
  const disk = fs.statfsSync(root);
  const free = disk.bavail * disk.bsize;
  if (free < neededBytes) {
    throw new SetupError("disk_full");
  }
  return `${Math.round(free / 1e9)} GB free.`;
}

function describeDependencies(root) {
  const reason = whyInstall(root);
  if (reason === "nothing is installed yet") {
    throw new SetupError("not_installed");
  }
  if (reason !== "") {
    throw new SetupError("dependencies_missing", { reason });
  }
  // Says so where it does not run on this machine.
  return `they are there, with Node ${installedNodeVersion()}.`;
}

function report(checks, isJson) {
  const ok = checks.every(({ mark }) => mark === "fine");
  const lines = checks.reduce((all, one) => all.concat(linesOf(one)), []);
  const title = "This machine";
  const stream = isJson ? process.stderr : process.stdout;
  const more = "Once that is mended, npm run doctor looks at all the rest.";
  writeShown(stream, [title].concat(lines, "", more));
  if (isJson) {
    const document = JSON.stringify({ ok, groups: [{ title, checks }] }, null, 2);
    writeShown(process.stdout, document.split("\n"));
  }
  process.exitCode = 1;
}

function linesOf({ check, mark, code, sentence, why, action }) {
  const indent = " ".repeat(19);
  const start = `  ${mark === "fine" ? "✓" : "✗"} ${check.padEnd(14)} ${sentence}`;
  return code === null
    ? [start]
    : [`${start} [${code}]`, `${indent}${why}`, `${indent}→ ${action}`];
}
