import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lookForModel } from "./look-for-model.ts";
import { resolveModel } from "./resolve-model.ts";
import { content, openHubFixture, pinnedModel } from "./testing/hub-fixture.ts";

const model = "hf:someone/small-GGUF@v1/deep/Small-Model.gguf";
const { sizeBytes, sha256 } = pinnedModel;

test("the default model is where the next start has it from", async () => {
  await using scene = await openHubFixture();
  const { options, modelsDirectory, hub } = scene;
  const path = join(modelsDirectory, "small.gguf");
  const before = await lookForModel(options);
  assert.equal(before.kind, "network");
  assert.deepEqual(await lookForModel({ ...options, offline: true }), { kind: "generated" });
  await writeFile(path, content.subarray(0, 1_000));
  assert.deepEqual(await lookForModel(options), before, "what is damaged is fetched again");
  assert.deepEqual([hub.requests.length, await readdir(modelsDirectory)], [0, ["small.gguf"]]);
  await resolveModel(options);
  assert.ok(before.kind === "network" && before.url.pathname === hub.requests[0]?.path);
  assert.deepEqual(await lookForModel(options), { kind: "disk", path, sizeBytes });
});

test("a model of the hub is fetched once, and offline it must be there", async () => {
  await using scene = await openHubFixture({ linked: { size: sizeBytes, sha256 } });
  const options = { ...scene.options, model };
  const before = await lookForModel(options);
  assert.ok(before.kind === "network" && !before.hasSubstitute);
  const offline = { ...options, offline: true };
  await assert.rejects(lookForModel(offline), { code: "model_needs_network" });
  const { path } = await resolveModel(options);
  assert.deepEqual(await lookForModel(offline), { kind: "disk", path, sizeBytes });
  await writeFile(path, content.subarray(0, 1_000));
  await assert.rejects(lookForModel(offline), { code: "model_damaged" });
});

test("a path is looked at as the start does", async () => {
  await using scene = await openHubFixture();
  const path = join(scene.modelsDirectory, "mine.gguf");
  const options = { ...scene.options, model: path };
  await assert.rejects(lookForModel(options), { code: "model_not_found" });
  await writeFile(path, content);
  assert.deepEqual(await lookForModel(options), { kind: "disk", path, sizeBytes });
});
