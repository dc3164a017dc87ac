#!/usr/bin/env node
// The way into every command: npx miniserve NAME [options], or npm run NAME -- [options]. It sees to it
// that the dependencies are there, then runs the command on the Node that they bring.
//
// Exit code: the command's own; 2 for an unknown one, or when the dependencies could not be installed.
import { spawn } from "child_process";
import fs from "fs";
import * as nodeModule from "module";
import path from "path";
import { fileURLToPath, pathToFileURL } from "url";
import { prepared } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, "node_modules", ".bin");
/**
 * By name: the program, which is a TypeScript file or a program of a package, with its first arguments; what it
 * is for; and setup "present" for what must work beside a newer lockfile, and so never installs. `before`
 * is a module that says by itself whether the program can run, on any Node and with nothing installed.
 */
const commands = JSON.parse(fs.readFileSync(path.join(root, "scripts", "commands.json"), "utf8"));

void run(process.argv[2], process.argv.slice(3));

async function run(name, options) {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(listOfCommands());
  } else if (!Object.hasOwn(commands, name)) {
    process.stderr.write(await unknownCommand(name));
    process.exitCode = 2;
  } else {
    const { program, setup = "install", before } = commands[name];
    const isReady = before
      ? (await import(pathToFileURL(path.join(root, before)).href)).canRun(root, options)
      : prepared(setup === "present" ? ["--present"] : []);
    if (await isReady) {
      await start(program[0], program.slice(1).concat(options));
    }
  }
}

async function start(program, given) {
  const bundled = path.join(bin, "node");
  const isBundled = !fs.existsSync(bundled) || isSameFile(bundled, process.execPath);
  if (!program.endsWith(".ts")) {
    pass(spawn(path.join(bin, program), given, { stdio: "inherit", cwd: root }));
  } else if (isBundled) {
    await runHere(path.join(root, program), given);
  } else {
    pass(spawn(bundled, process.argv.slice(1), { stdio: "inherit" }));
  }
}

/** In this process, because starting another takes as long as most commands do. */
async function runHere(file, given) {
  // Node keeps here what it made of our sources; stack/config.ts gives its children the same folder.
  if (nodeModule.enableCompileCache) {
    nodeModule.enableCompileCache(path.join(root, "node_modules", ".cache", "miniserve"));
  }
  if (!readsTypescript()) {
    const { register } = nodeModule.createRequire(import.meta.url)("tsx/esm/api");
    register();
  }
  process.argv = [process.argv[0], file].concat(given);
  await import(pathToFileURL(file).href);
}

/** Node 24 does, and twice as fast as a loader; older ones warn about it on stderr, or do not. */
function readsTypescript() {
  return (
    process.features.typescript === "strip" && Number(process.versions.node.split(".")[0]) >= 24
  );
}

function isSameFile(one, other) {
  return fs.realpathSync(one) === fs.realpathSync(other);
}

/** Ends as the child ends; a signal to this process alone is passed on. */
function pass(child) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`miniserve: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code === null ? 128 + signalNumber(signal) : code;
  });
}

function signalNumber(signal) {
  return { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal] || 9;
}

function listOfCommands() {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  return [
    "npx miniserve COMMAND [options]",
    "",
    ...names.map((name) => `  ${name.padEnd(width)}  ${commands[name].about}`),
    "",
    "npx miniserve COMMAND --help says more about each.",
    "",
  ].join("\n");
}

async function unknownCommand(name) {
  const shown = JSON.stringify(name.slice(0, 60));
  const nearest = await nearestCommand(name);
  const advice = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return `miniserve: there is no command ${shown}.${advice} npx miniserve --help lists them.\n`;
}

/** Undefined also on a Node that cannot read TypeScript, before anything is installed. */
async function nearestCommand(name) {
  if (!readsTypescript()) {
    return undefined;
  }
  const { changesAllowed, nearestTo } = await import("#contract");
  return nearestTo(name, Object.keys(commands), changesAllowed(name));
}
