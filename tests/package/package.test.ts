/** The package in a fresh project: it installs, the page's example compiles against it, and its spans arrive. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { findString, findValue } from "#contract";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "..", "..");
const modules = join(checkout, "node_modules");

/** The block of code in docs/typescript.md. */
function readExample(): string {
  const page = readFileSync(join(checkout, "docs", "typescript.md"), "utf8");
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  assert.ok(code, "docs/typescript.md has an example");
  return code;
}

/** A project with the package and what its manifest names, and nothing else of this checkout. */
async function installPackage(): Promise<string> {
  const folder = temporaryDirectory();
  const script = join(checkout, "scripts", "package.ts");
  const built = await run(process.execPath, [script, "--json", "--out", join(folder, "built")]);
  const { tarball, dependencies } = JSON.parse(built.stdout);
  const installed = join(folder, "node_modules", "miniserve");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["--extract", "--strip-components=1", "--file", tarball, "-C", installed]);
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(modules, name), join(folder, "node_modules", name));
  }
  return folder;
}

async function compile(folder: string, code: string): Promise<string> {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "post.ts"), code);
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    types: ["node"],
    typeRoots: [join(modules, "@types")],
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["post.ts"] }),
  );
  const compiler = join(modules, "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [compiler, "-p", folder]).catch((error) => error);
  return stdout;
}

test("the example of the page compiles against the package, and its spans arrive", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const folder = await installPackage();
  const example = readExample();
  assert.equal(await compile(folder, example), "");

  await run(process.execPath, [join(folder, "post.js")], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcEndpoint },
  });
  const [weigh, letter] = receiver.spans;
  assert.equal(receiver.spans.length, 2);
  assert.deepEqual([weigh?.name, letter?.name], ["mail.weigh", "mail.letter"]);
  assert.equal(weigh?.parentSpanId, letter?.spanId);
  assert.equal(findValue(weigh?.attributes ?? [], "mail.size")?.type, "int");
  assert.equal(findString(letter?.resource.attributes ?? [], "service.name"), "post");

  // The log names places of the project, which is not the package's folder.
  const failing = example.replace("randomInt(1, 2000)", "randomInt(2, 1)");
  assert.equal(await compile(folder, failing), "");
  const { stdout } = await run(process.execPath, [join(folder, "post.js")], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcEndpoint },
  }).catch((error) => error);
  assert.match(stdout, /"event":"stage\.failed".*"node[^"]*; post\.js:\d+:\d+;/);

  const misspelt = example.replace("{ size: bytes }", "{ weight: bytes }");
  assert.match(await compile(folder, misspelt), /post\.ts\(\d+,\d+\): error .*weight/);

  for (const file of ["LICENSE", "NOTICE"]) {
    const packed = readFileSync(join(folder, "node_modules", "miniserve", file), "utf8");
    assert.equal(packed, readFileSync(join(checkout, file), "utf8"));
  }
});
