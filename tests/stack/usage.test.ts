import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout, stackUnderTest } from "./stack-under-test.ts";

const timeout = 180_000;

test("every command says its usage, and does nothing else", { timeout }, async (t) => {
  const commands: Record<string, { program: string[] }> = JSON.parse(
    readFileSync(join(checkout, "scripts", "commands.json"), "utf8"),
  );
  const programs = new Set(
    Object.values(commands).flatMap(({ program: [file = ""] }) =>
      file.endsWith(".ts") ? [file] : [],
    ),
  );
  assert.ok(programs.size >= 14, [...programs].join(" "));
  const { run } = await stackUnderTest(t);
  const written = ["NOTICE", "package-lock.json"].map((file) => join(checkout, file));
  const before = written.map((file) => readFileSync(file, "utf8"));
  for (const program of programs) {
    const end = await run(program, "--help");
    assert.equal(end.exitCode, 0, `${program}: ${end.stderr}`);
    assert.match(end.stdout, /npm (run|test|start)[\s\S]*Exit code/, program);
    assert.equal(end.stderr, "", program);
  }
  assert.deepEqual(
    written.map((file) => readFileSync(file, "utf8")),
    before,
  );
});

test("a wrong setting of the server is told once, with its code", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { MINISERVE_SLOTS: "none", MINISERVE_TYPO: "1" });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 2, up.stdout + up.stderr);
  assert.match(up.stderr, /A setting is invalid\..* \[configuration_invalid\]/);
  for (const variable of ["MINISERVE_SLOTS", "MINISERVE_TYPO"]) {
    assert.equal(up.stderr.split(`  ${variable}`).length, 2, up.stderr);
  }
  assert.doesNotMatch(up.stderr, /model/);
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});

test("a model that is not there is told once, with its code", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { MINISERVE_MODEL: "/nowhere/no-model.gguf" });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 2, up.stdout + up.stderr);
  assert.match(up.stderr, /\[model_not_found\]\nNothing was started\.$/m);
  assert.equal(up.stderr.split("model_not_found").length, 2, up.stderr);
  assert.equal(up.stderr.split("There is no file").length, 2, up.stderr);
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});

test("what takes a file names the command for a trace id", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const id = "0af7651916cd43dd8448eb211c80319c";
  const end = await run("scripts/trace-check.ts", id);
  assert.equal(end.exitCode, 2);
  assert.ok(end.stderr.includes(`npm run trace:show -- ${id}`), end.stderr);
});

test("trace:show and trace:export know what a trace id is", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  for (const program of ["scripts/trace-show.ts", "scripts/trace-export.ts"]) {
    const end = await run(program, "not-an-id", "--tempo", "http://127.0.0.1:9");
    assert.equal(end.exitCode, 2);
    assert.match(end.stderr, /32 hexadecimal digits\. \[usage_invalid\]/);
  }
});

test("a preview that cannot start says why and what to do", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const preview = async (...given: string[]) => {
    const end = await run("scripts/dashboards-preview.ts", ...given);
    assert.equal(end.exitCode, 2, end.stdout + end.stderr);
    return end.stderr;
  };
  assert.match(await preview(), /\[not_running\]\nnpm run stack:up starts it\. Or name a Tempo: /);
  assert.match(await preview("--port", "many"), /\[usage_invalid\]/);
  assert.match(await preview("--tempo", "nowhere"), /\[usage_invalid\]/);
  const refused = await preview("--tempo", "http://me:secret@127.0.0.1:9");
  assert.match(refused, /http:\/\/127\.0\.0\.1:9 cannot be used: .*\[store_unreachable\]/);
  assert.doesNotMatch(refused, /secret/);
});
