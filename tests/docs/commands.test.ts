/** Each command that a page names exists and takes the options that it is given there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout, waitForEnd } from "../stack/stack-under-test.ts";
import { commandsIn, inlineCommands, projectCommand, readPages } from "./pages.ts";

const commands: Record<string, { program: [string, ...string[]] }> = JSON.parse(
  readFileSync(join(checkout, "scripts", "commands.json"), "utf8"),
);

/** By command as it is written: the pages that have it. */
function namedCommands(): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const page of readPages()) {
    const shell = page.blocks.filter(({ language }) => language === "sh");
    for (const text of [...shell.flatMap(commandsIn), ...inlineCommands(page)]) {
      const command = projectCommand(text);
      if (command !== undefined) {
        const key = `${command.name} ${command.options}`.trim();
        named.set(key, [...(named.get(key) ?? []), page.path]);
      }
    }
  }
  return named;
}

/** Asked for its help beside the options, a command reads them all, and does nothing. */
async function complaintOf(key: string): Promise<string | undefined> {
  const [name = "", ...rest] = key.split(" ");
  const command = commands[name];
  if (command === undefined) {
    return "no such command";
  }
  const [program, ...first] = command.program;
  if (!program.endsWith(".ts") || rest.length === 0) {
    return undefined;
  }
  // [X] stands for what may be left out, and $(…) for what a shell would put there.
  const options = rest
    .join(" ")
    .replaceAll(/[[\]]/g, "")
    .replaceAll(/\$\([^)]*\)/g, "VALUE");
  const script = `exec "$0" "$@" ${first.join(" ")} ${options} --help`;
  const end = await waitForEnd(
    spawn("bash", ["-c", script, process.execPath, ...process.execArgv, program], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  return end.exitCode === 0 ? undefined : `exit code ${end.exitCode}: ${end.stderr.slice(0, 300)}`;
}

test("every command in the pages exists, with its options", async () => {
  const named = [...namedCommands()];
  assert.ok(named.length > 60, `only ${named.length} commands were found`);
  const wrong: string[] = [];
  const work = named.values();
  const worker = async () => {
    for (const [key, paths] of work) {
      const complaint = await complaintOf(key);
      if (complaint !== undefined) {
        wrong.push(`${paths.join(", ")}: ${key}: ${complaint}`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  assert.deepEqual(wrong.toSorted(), []);
});

/** The commands under "Examples:" in a command's help. */
async function examplesOf(program: string, first: readonly string[]): Promise<string[]> {
  const end = await waitForEnd(
    spawn(process.execPath, [...process.execArgv, program, ...first, "--help"], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  assert.equal(end.exitCode, 0, `${program}: ${end.stderr}`);
  assert.match(end.stdout, /^Exit codes?:/m, program);
  const [, listed = ""] = /^Examples:\n((?: .*\n)+)/m.exec(end.stdout) ?? [];
  return [...listed.matchAll(/^ {2}(?:[A-Z_]+=\S+ )?(\S.*)$/gm)].map(([, text = ""]) => text);
}

test("every command's help has an example, which the command takes", async () => {
  const wrong: string[] = [];
  const work = Object.entries(commands).values();
  const worker = async () => {
    for (const [
      name,
      {
        program: [program, ...first],
      },
    ] of work) {
      if (!program.endsWith(".ts")) {
        continue;
      }
      const examples = await examplesOf(program, first);
      for (const text of examples) {
        const command = projectCommand(text);
        const complaint =
          commands[command?.name ?? ""]?.program[0] === program
            ? await complaintOf(`${command?.name} ${command?.options}`.trim())
            : "an example of another command";
        wrong.push(...(complaint === undefined ? [] : [`${text}: ${complaint}`]));
      }
      wrong.push(...(examples.length === 0 ? [`${name}: no example`] : []));
    }
  };
  await Promise.all([worker(), worker()]);
  assert.deepEqual(wrong, []);
});

test("a block of commands is marked as one, so that it is run or excused", () => {
  const unmarked = readPages().flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, text }) => language !== "sh" && /^ *(npm|npx|curl|docker) /m.test(text))
      .map(({ text }) => `${path}: ${text}`),
  );
  assert.deepEqual(unmarked, []);
});
