// Runs `npm ci` and turns its failures into one sentence.
import { spawn } from "child_process";
import fs from "fs";
import path from "path";
import { SetupError } from "./errors.mjs";
import { whyUnreachable } from "./network.mjs";

const oldestNpm = 10;

// No install script of a dependency is needed (package.json's allowScripts says the same to npm
// 11), and running none is faster. Everything else undoes settings of the user that would break
// or soil the install.
const installArguments = [
  "ci",
  "--loglevel=error",
  "--no-audit",
  "--no-fund",
  "--ignore-scripts",
  "--engine-strict=false",
  "--include=dev",
  "--include=optional",
];

/**
 * Installs what package-lock.json names into `root`, with npm on the Node that the user has, or on
 * the one at the path `node`. Throws a SetupError.
 */
export async function install(root, node) {
  const version = (await runNpm(root, ["--version"], node)).stdout.trim();
  if (parseInt(version, 10) < oldestNpm) {
    throw new SetupError("npm_too_old", { version });
  }
  const unreachable = await askNetwork(root);
  // Without a network, npm's cache may still hold everything.
  const offline = unreachable === "" ? [] : ["--offline"];
  const result = await runNpm(root, installArguments.concat(offline), node);
  if (result.status !== 0) {
    throw explain(result, unreachable);
  }
}

async function askNetwork(root) {
  const keys = ["registry", "https-proxy", "proxy"];
  const answer = (await runNpm(root, ["config", "get"].concat(keys))).stdout;
  const values = keys.map((key) => firstGroup(answer, new RegExp(`^${key}=(.*)$`, "m")));
  const names = Object.keys(process.env).filter((name) => /^(https?_)?proxy$/i.test(name));
  return whyUnreachable(values[0], values.slice(1).concat(names.map((name) => process.env[name])));
}

/** What an npm that failed was trying to say. */
function explain(result, unreachable) {
  const output = `${result.stdout}\n${result.stderr}`;
  const code = firstGroup(output, /npm (?:error|ERR!) code (\S+)/) || `exit ${result.status}`;
  const log = firstGroup(output, /A complete log of this run can be found in:\s*(\S+)/);
  const where = { log: log ? ` npm's own log: ${log}` : "" };
  if (unreachable !== "" || networkCodes.includes(code)) {
    return new SetupError("network_failed", { reason: unreachable || code, ...where });
  }
  if (code === "ENOSPC") {
    return new SetupError("disk_full");
  }
  const reason = firstGroup(output, /npm (?:error|ERR!) (?!code |errno )(.+)/) || "no reason given";
  return new SetupError("npm_failed", { reason: `${code}: ${reason}`, ...where });
}

const networkCodes = [
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "ERR_SOCKET_TIMEOUT",
  "FETCH_ERROR",
  "ENOTCACHED",
];

/** Inside an npm script, the npm that runs it is used; else the one on the PATH. */
async function runNpm(root, args, node) {
  const script = process.env.npm_execpath;
  const isNpm = script && path.basename(script) === "npm-cli.js" && fs.existsSync(script);
  const ownNode = process.env.npm_node_execpath || process.execPath;
  const searched = (node ? [path.dirname(node)] : []).concat(process.env.PATH || []);
  const command = isNpm ? node || ownNode : "npm";
  try {
    return await run(command, isNpm ? [script].concat(args) : args, {
      cwd: root,
      env: { ...process.env, PATH: searched.join(path.delimiter) },
      shell: !isNpm && process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    if (error instanceof SetupError) {
      throw error;
    }
    if (error.code !== "ENOENT") {
      throw new SetupError("npm_failed", { reason: error.message, log: "" });
    }
    throw new SetupError("npm_missing");
  }
}

/** How long npm may take to end, once the person wants no more of it. It would take back its work. */
const graceMs = 2000;

/**
 * Who stops us stops npm too, with all that it started: left behind, it would go on writing under the
 * next install. What it leaves half done is noticed by the next one.
 */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const isGroup = process.platform !== "win32";
    let stoppedBy;
    let force;
    const kill = (signal) => {
      try {
        process.kill(isGroup ? -child.pid : child.pid, signal);
      } catch (error) {
        if (error.code !== "ESRCH") {
          throw error;
        }
      }
    };
    const stop = (signal) => {
      stoppedBy = signal;
      kill(signal);
      force = force || setTimeout(kill, graceMs, "SIGKILL");
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    // Before the child is there: it may already run while this process has not gone on.
    for (const signal of signals) {
      process.on(signal, stop);
    }
    const child = spawn(command, args, { ...options, detached: isGroup });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (output.stdout += chunk));
    child.stderr.on("data", (chunk) => (output.stderr += chunk));
    const done = () => {
      clearTimeout(force);
      for (const signal of signals) {
        process.removeListener(signal, stop);
      }
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("exit", () => {
      if (!stoppedBy) {
        return;
      }
      kill("SIGKILL");
      done();
      reject(new SetupError("interrupted", { signal: stoppedBy }));
    });
    child.on("close", (status, signal) => {
      done();
      if (signal) {
        reject(new SetupError("interrupted", { signal }));
      } else {
        resolve({ ...output, status });
      }
    });
  });
}

function firstGroup(text, pattern) {
  const match = pattern.exec(text);
  return match ? match[1] : "";
}
