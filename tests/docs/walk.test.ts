/** The commands of the pages, as they stand there, in one stack that a reader would have. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  type CommandEnd,
  checkout,
  type StackUnderTest,
  stackUnderTest,
  waitForEnd,
} from "../stack/stack-under-test.ts";
import { commandsIn, type Page, readPage, readPages, trackedFiles } from "./pages.ts";

const timeout = 280_000;

/** In the order of a reader who starts the stack once; docs/run.md stops it. */
const walked = [
  "README.md",
  "docs/slow-request.md",
  "docs/lab.md",
  "docs/retrieval.md",
  "docs/traceql.md",
  "docs/scale.md",
  "docs/weaver.md",
  "experiments/34-traces/README.md",
  "docs/errors.md",
  "docs/run.md",
];

/** Pages that are not walked here, and why. What they ask of each command is tested all the same. */
const notWalked: Readonly<Record<string, string>> = {
  "SECURITY.md": "needs a release that was published",
  "docs/benchmarks.md": "takes minutes, and measures this machine",
  "docs/contract-check.md":
    "the service is the reader's; tests/tutorial has the same on an example",
  "docs/dashboards-audit.md": "the dashboards are the reader's; tests/audit has such folders",
  "docs/pipeline.md": "needs a Tempo and a Collector; tests/pipeline starts them where they are",
  "docs/production.md": "needs a container engine; tests/compose has one where it is",
  "docs/provisioning.md": "needs a Grafana and a cluster; tests/provisioning has the former's API",
  "docs/typescript.md": "installs a package in the reader's project: tests/package",
  "docs/viewer.md": "runs until it is stopped: tests/viewer",
  "docs/your-service.md": "tests/tutorial walks it",
  "examples/README.md": "needs Python packages; tests/examples has its service",
};

/** Commands of walked pages that are not run, and why. */
const notRun: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm run demo/, "takes a minute or two: tests/demo"],
  [/^weaver /, "needs Weaver"],
  [/^(helm|kubectl) /, "needs a cluster"],
  [/^npm run contract:import -- --weaver model/, "the registry is the reader's; tests/contract"],
  [/--tempo http:\/\/tempo\.example/, "the Tempo is the reader's; tests/pipeline starts one"],
  [/^MINISERVE_EMBEDDING_MODEL=hf:/, "needs the internet, and runs until it is stopped"],
];

/** The command's exit code, where the page does not name it. */
function exitCodesOf(command: string): readonly number[] {
  const named = /# exit code (\d+)$/.exec(command)?.[1];
  if (named !== undefined) {
    return [Number(named)];
  }
  return [0];
}

/** Another place for all that a command may write. */
function copyOfCheckout(into: string): string {
  const copy = join(into, "miniserve");
  for (const path of trackedFiles()) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(checkout, path), join(copy, path));
  }
  symlinkSync(join(checkout, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(into, "handbook"));
  writeFileSync(join(into, "handbook", "desk.md"), "# Desk\n\nThe key lies under the lamp.\n");
  writeFileSync(join(copy, "notes.txt"), "The lamp stands at the window.\n");
  return copy;
}

class Walk {
  readonly #stack: StackUnderTest;
  readonly #cwd: string;
  #exports = "";
  #traceId = "";

  constructor(stack: StackUnderTest) {
    this.#stack = stack;
    this.#cwd = copyOfCheckout(stack.directory);
  }

  async run(command: string): Promise<CommandEnd> {
    const end = await waitForEnd(
      spawn("bash", ["-c", `set -eu\n${this.#exports}${this.#here(command)}`], {
        cwd: this.#cwd,
        env: { ...this.#stack.environment, HOME: this.#stack.directory },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    this.#traceId = /^x-trace-id: (\w+)/im.exec(end.stdout)?.[1] ?? this.#traceId;
    this.#exports += command.startsWith("export ") ? `${command}\n` : "";
    return end;
  }

  /** With the stack's own ports, and a refusal as an exit code. */
  #here(command: string): string {
    const { MINISERVE_PORT, GRAFANA_PORT, TEMPO_PORT } = this.#stack.ports;
    return command
      .replaceAll("localhost:8080", `localhost:${MINISERVE_PORT}`)
      .replaceAll("localhost:3000", `localhost:${GRAFANA_PORT}`)
      .replaceAll("localhost:3200", `localhost:${TEMPO_PORT}`)
      .replaceAll("TRACE_ID", this.#traceId)
      .replace(/^curl /, "curl --silent --show-error --fail-with-body ");
  }
}

/** The first name in a line of what a page shows; numbers and bars may be others. */
function nameIn(line: string): string {
  return /[A-Za-z][\w.:-]*/.exec(line)?.[0] ?? "";
}

async function walkPage(t: TestContext, walk: Walk, page: Page): Promise<void> {
  let output = "";
  for (const block of page.blocks) {
    if (block.language === "" && block.followsBlock) {
      for (const line of block.text.split("\n")) {
        assert.ok(output.includes(nameIn(line)), `${page.path} shows: ${line}\nseen:\n${output}`);
      }
    }
    const commands = block.language === "sh" ? commandsIn(block) : [];
    for (const command of commands) {
      const reason = notRun.find(([pattern]) => pattern.test(command))?.[1];
      if (reason !== undefined) {
        t.diagnostic(`${page.path}: ${command.split("\n")[0]}: not run: ${reason}`);
        continue;
      }
      const end = await walk.run(command);
      output += end.stdout + end.stderr;
      assert.ok(
        exitCodesOf(command).includes(end.exitCode ?? -1),
        `${page.path}: ${command}\nexit code ${end.exitCode}\n${end.stdout}${end.stderr}`,
      );
    }
  }
}

test("the commands of the pages do what the pages say", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { MINISERVE_INDEX_DOCS: "1" });
  const walk = new Walk(stack);
  for (const path of walked) {
    await walkPage(t, walk, readPage(path));
  }
});

test("every page with commands is walked, or says why not", () => {
  const withCommands = readPages()
    .filter(({ blocks }) => blocks.some(({ language }) => language === "sh"))
    .map(({ path }) => path);
  assert.deepEqual(withCommands.toSorted(), [...walked, ...Object.keys(notWalked)].toSorted());
});
