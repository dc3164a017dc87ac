import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { resolveModel } from "./resolve-model.ts";
import { content, type HubFixture, openHubFixture, pinnedModel } from "./testing/hub-fixture.ts";

const identity = pinnedModel.sha256.slice(0, 16);
const rangesAsked = ({ hub }: HubFixture): (string | undefined)[] =>
  hub.requests.map(({ range }) => range);

async function assertWhole({ modelsDirectory }: HubFixture): Promise<void> {
  assert.deepEqual(await readFile(join(modelsDirectory, "small.gguf")), content);
  assert.deepEqual(await readdir(modelsDirectory), ["small.gguf"]);
}

test("a connection that is cut twice is taken up where it ended", async () => {
  await using scene = await openHubFixture({ cutsAt: [200_000, 450_000] });
  assert.equal((await resolveModel(scene.options, scene.report)).source, "hub");
  await assertWhole(scene);
  const [first, second, third, ...more] = rangesAsked(scene);
  assert.equal(first, undefined);
  // What is cut off with the connection need not have arrived, so the place is not exact.
  assert.match(second ?? "", /^bytes=[1-9]\d*-$/);
  assert.match(third ?? "", /^bytes=[1-9]\d*-$/);
  assert.deepEqual(more, []);
});

test("a server without ranges sends everything again", async () => {
  await using scene = await openHubFixture({ cutsAt: [200_000], honoursRanges: false });
  assert.equal((await resolveModel(scene.options, scene.report)).source, "hub");
  await assertWhole(scene);
  assert.equal(scene.hub.requests.length, 2);
});

test("a connection that brings nothing more ends the download, and what came is kept", async () => {
  await using scene = await openHubFixture({ cutsAt: Array(20).fill(200_000) });
  assert.equal((await resolveModel(scene.options, scene.report)).source, "generated");
  assert.match(scene.steps.find(({ status }) => status === "failed")?.detail ?? "", /failed: /);
  const part = `small.gguf.${identity}.part`;
  assert.deepEqual(await readdir(scene.modelsDirectory), [part, "tiny-random-llama.gguf"]);
  const { size } = await stat(join(scene.modelsDirectory, part));
  scene.hub.behaviour.cutsAt = [];
  scene.hub.requests.length = 0;
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), [`bytes=${size}-`]);
});

test("a transfer that goes quiet is given up after the limit", async () => {
  await using scene = await openHubFixture({ quietFrom: 200_000 });
  const limits = { silenceMs: 100, pauseMs: 1 };
  const { degradedReason } = await resolveModel({ ...scene.options, limits });
  assert.match(degradedReason ?? "", /no further byte within 0\.1 s/);
});

test("a part that is there is continued", async () => {
  await using scene = await openHubFixture();
  const part = join(scene.modelsDirectory, `small.gguf.${identity}.part`);
  await writeFile(part, content.subarray(0, 400_000));
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), ["bytes=400000-"]);
  await assertWhole(scene);
});

test("a part that is whole already is only verified", async () => {
  await using scene = await openHubFixture();
  await writeFile(join(scene.modelsDirectory, `small.gguf.${identity}.part`), content);
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), []);
  await assertWhole(scene);
});

test("a damaged part costs a second download, never a damaged model", async () => {
  for (const damaged of [Buffer.alloc(400_000), Buffer.alloc(content.length + 5)]) {
    await using scene = await openHubFixture();
    await writeFile(join(scene.modelsDirectory, `small.gguf.${identity}.part`), damaged);
    assert.equal((await resolveModel(scene.options)).source, "hub");
    assert.equal(rangesAsked(scene).at(-1), undefined);
    await assertWhole(scene);
  }
});

test("a part of another content is not continued, and goes when the file is complete", async () => {
  await using scene = await openHubFixture();
  const other = join(scene.modelsDirectory, "small.gguf.ffffffffffffffff.part");
  await writeFile(other, content.subarray(0, 1_000));
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), [undefined]);
  await assertWhole(scene);
});

test("a hub whose file is shorter than the part starts again and is found out", async () => {
  await using scene = await openHubFixture({ content: content.subarray(0, 300_000) });
  const part = join(scene.modelsDirectory, `small.gguf.${identity}.part`);
  await writeFile(part, content.subarray(0, 400_000));
  const { degradedReason } = await resolveModel(scene.options);
  assert.match(degradedReason ?? "", /ended after 300000 of \d+ bytes/);
});

test("several searches at once each get the whole file", async () => {
  await using scene = await openHubFixture();
  const searches = Array.from({ length: 4 }, () => resolveModel(scene.options));
  for (const { degraded } of await Promise.all(searches)) {
    assert.equal(degraded, false);
  }
  await assertWhole(scene);
});

test("what a process leaves that is at work is left alone, an old claim is taken over", async () => {
  await using scene = await openHubFixture();
  const claimed = `small.gguf.${identity}.${process.pid}-00000000.part`;
  const path = join(scene.modelsDirectory, claimed);
  await writeFile(path, content.subarray(0, 100_000));
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), [undefined]);
  assert.deepEqual(await readdir(scene.modelsDirectory), ["small.gguf", claimed]);

  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(path, longAgo, longAgo);
  await writeFile(join(scene.modelsDirectory, "small.gguf"), "damaged");
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.equal(rangesAsked(scene).at(-1), "bytes=100000-");
  await assertWhole(scene);
});

test("what a killed process has downloaded is continued by the next", {
  timeout: 60_000,
}, async () => {
  await using scene = await openHubFixture({ quietFrom: 300_000 });
  const script = fileURLToPath(new URL("testing/resolve-in-process.ts", import.meta.url));
  const commandArguments = [script, JSON.stringify(scene.options)];
  const child = spawn(process.execPath, commandArguments, { stdio: "inherit" });
  const exited = once(child, "exit");
  try {
    while ((await largestPart(scene)) < 300_000) {
      assert.equal(child.exitCode, null, "the process ended before it was killed");
      await sleep(20);
    }
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
  scene.hub.behaviour.quietFrom = Number.POSITIVE_INFINITY;
  assert.equal((await resolveModel(scene.options)).source, "hub");
  assert.deepEqual(rangesAsked(scene), [undefined, "bytes=300000-"]);
  await assertWhole(scene);
});

async function largestPart({ modelsDirectory }: HubFixture): Promise<number> {
  const parts = (await readdir(modelsDirectory)).filter((name) => name.endsWith(".part"));
  const sizes = await Promise.all(parts.map((name) => stat(join(modelsDirectory, name))));
  return Math.max(0, ...sizes.map(({ size }) => size));
}
