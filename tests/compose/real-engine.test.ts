/** What a container engine makes of the Compose file, where one answers. Nothing is pulled. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { type CallEnd, call, findEngine } from "../../stack/deployment/compose/run/engine.ts";
import {
  composePath,
  pinnedImages,
  projectName,
} from "../../stack/deployment/compose/run/project.ts";
import { stackUnderTest } from "../stack/stack-under-test.ts";
import { readComposeFile } from "../support/compose-file.ts";

const folders = readComposeFile().services.folders?.image ?? "";
const limitMs = 120_000;
const engine = await findEngine();
const command = engine?.command ?? "docker";
const withEngine = { skip: engine === undefined && "no container engine with Compose answers" };

/** Skips where one of these is not there already. */
async function withImages(...names: string[]): Promise<{ skip: string | false; timeout: number }> {
  const isThere =
    engine !== undefined &&
    (await call(command, ["image", "inspect", ...names], { limitMs })).exitCode === 0;
  const wanted = `there is no container engine with ${names.join(", ")}`;
  return { skip: !isThere && wanted, timeout: 600_000 };
}

function compose(project: string, words: readonly string[], user = "10001:10001") {
  return call(command, ["compose", "--project-name", project, "--file", composePath, ...words], {
    limitMs,
    environment: { STACK_USER: user },
  });
}

function removeAfter(t: TestContext, project: string): void {
  t.after(() => compose(project, ["--profile", "server", "down", "--volumes"]));
}

function good({ exitCode, output }: CallEnd): string {
  assert.equal(exitCode, 0, output);
  return output;
}

test("Compose takes the file, and refuses a damaged one", withEngine, async (t) => {
  good(await compose("config", ["--profile", "server", "config", "--quiet"]));
  const directory = mkdtempSync(join(tmpdir(), "miniserve-compose-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const damaged = join(directory, "compose.yaml");
  const file = readComposeFile();
  writeFileSync(damaged, stringify({ ...file, servicez: {} }));
  const refused = await call(command, ["compose", "--file", damaged, "config"], { limitMs });
  assert.notEqual(refused.exitCode, 0);
});

test("what a Collector kept can be read by the next one, of another user", {
  ...(await withImages(folders)),
}, async (t) => {
  const project = `miniserve-test-${randomBytes(4).toString("hex")}`;
  removeAfter(t, project);
  const asUser = (user: string, script: string) => {
    const volume = ["--volume", `${project}_collector:/data`];
    const words = ["run", "--rm", "--network", "none", "--user", user, ...volume];
    return call(command, [...words, folders, "sh", "-euc", script], { limitMs });
  };
  const [first, second] = ["10001:10001", "12345:12345"];
  good(await compose(project, ["run", "--rm", "--no-TTY", "folders"], first));
  good(await asUser(first, "umask 077; mkdir /data/queue; echo kept > /data/queue/spans"));
  assert.notEqual((await asUser(second, "cat /data/queue/spans")).exitCode, 0);
  good(await compose(project, ["run", "--rm", "--no-TTY", "folders"], second));
  assert.equal(good(await asUser(second, "cat /data/queue/spans; : > /data/queue/more")), "kept\n");
});

test("up, verify, down, and nothing that was stored is left", {
  ...(await withImages(...pinnedImages())),
}, async (t) => {
  const stack = await stackUnderTest(t);
  const project = projectName({ directory: stack.environment.STACK_DIR ?? "" });
  removeAfter(t, project);
  const up = await stack.run("stack/up.ts", "--driver", "compose");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const verified = await stack.run("scripts/verify.ts");
  assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr);
  const volumes = async () =>
    good(
      await call(command, ["volume", "ls", "--quiet", "--filter", `name=${project}`], { limitMs }),
    );
  assert.notEqual(await volumes(), "");
  const down = await stack.run("stack/down.ts", "--volumes", "--yes");
  assert.equal(down.exitCode, 0, down.stdout + down.stderr);
  assert.equal(await volumes(), "");
});
