import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { resolveModel } from "./resolve-model.ts";
import { closedHubUrl, content, openHubFixture, pinnedModel } from "./testing/hub-fixture.ts";

const model = "hf:someone/small-GGUF@v1/deep/Small-Model.gguf";
const linked = { size: content.length, sha256: pinnedModel.sha256 };

test("a path is used as it is", async () => {
  await using scene = await openHubFixture();
  const path = join(scene.modelsDirectory, "mine.gguf");
  await writeFile(path, content);
  assert.deepEqual(await resolveModel({ ...scene.options, model: path }, scene.report), {
    path,
    name: "mine",
    source: "file",
    degraded: false,
    sizeBytes: content.length,
  });
  assert.deepEqual(scene.told(), ["file started", "file done"]);
});

test("a path without a model behind it is an error, never another model", async () => {
  await using scene = await openHubFixture();
  const { modelsDirectory, options } = scene;
  await mkdir(join(modelsDirectory, "folder.gguf"));
  await writeFile(join(modelsDirectory, "page.gguf"), "<html>");
  await writeFile(join(modelsDirectory, "empty.gguf"), "");
  const expected = [
    [join(modelsDirectory, "missing.gguf"), "model_not_found"],
    [join(modelsDirectory, "folder.gguf"), "model_not_found"],
    [join(modelsDirectory, "page.gguf", "below.gguf"), "model_not_found"],
    [join(modelsDirectory, "page.gguf"), "model_not_gguf"],
    [join(modelsDirectory, "empty.gguf"), "model_not_gguf"],
    ["https://hub.example/model.gguf", "model_address_invalid"],
    ["", "model_address_invalid"],
    ["hf:someone", "model_address_invalid"],
  ] as const;
  for (const [wrong, code] of expected) {
    await assert.rejects(resolveModel({ ...options, model: wrong }), { name: "ModelError", code });
  }
  assert.equal(scene.hub.requests.length, 0);
});

test("an address is downloaded once, verified by the checksum that the hub gives", async () => {
  await using scene = await openHubFixture({ linked });
  const options = { ...scene.options, model };
  const path = join(scene.modelsDirectory, "someone/small-GGUF/v1/deep/Small-Model.gguf");
  const { sizeBytes, sha256 } = pinnedModel;
  const expected = { path, name: "Small-Model", degraded: false, sizeBytes };
  assert.deepEqual(await resolveModel(options), { ...expected, source: "hub", sha256 });
  assert.deepEqual(await readFile(path), content);
  assert.deepEqual(
    scene.hub.requests.map((request) => request.method),
    ["HEAD", "GET"],
  );
  assert.deepEqual(await resolveModel({ ...options, offline: true }), {
    ...expected,
    source: "cache",
  });
  assert.equal(scene.hub.requests.length, 2);
});

test("a hub without checksums and one that has renamed the repository will do", async () => {
  await using scene = await openHubFixture({
    movedTo: "/someone/renamed/resolve/v1/deep/Small-Model.gguf",
  });
  const { source, sha256, path } = await resolveModel({ ...scene.options, model });
  assert.equal(source, "hub");
  assert.equal(sha256, undefined);
  assert.deepEqual(await readFile(path), content);
});

test("an interrupted download of an address is continued", async () => {
  await using scene = await openHubFixture({ linked, cutsAt: [200_000] });
  const { path } = await resolveModel({ ...scene.options, model });
  assert.deepEqual(await readFile(path), content);
  assert.match(scene.hub.requests[2]?.range ?? "", /^bytes=[1-9]\d*-$/);
});

test("when an address cannot be had, that is an error, and nothing stands in", async () => {
  await using scene = await openHubFixture({ linked });
  const { hub, options } = scene;
  const findErrorCode = async (changes: object): Promise<unknown> => {
    const error = await resolveModel({ ...options, model, ...changes }).catch((caught) => caught);
    assert.ok(error instanceof Error, "it must not be resolved");
    return Reflect.get(error, "code");
  };
  assert.equal(await findErrorCode({ offline: true }), "model_needs_network");
  assert.equal(hub.requests.length, 0);
  assert.equal(await findErrorCode({ hubUrl: await closedHubUrl() }), "model_download_failed");
  hub.behaviour.mute = true;
  assert.equal(await findErrorCode({ limits: { firstByteMs: 50 } }), "model_download_failed");
  hub.behaviour.mute = false;
  hub.behaviour.status = 404;
  assert.equal(await findErrorCode({}), "model_not_found");
  hub.behaviour.status = 401;
  assert.equal(await findErrorCode({}), "model_download_failed");
  hub.behaviour.status = 200;
  hub.behaviour.linked = { ...linked, sha256: "0".repeat(64) };
  assert.equal(await findErrorCode({}), "model_checksum_mismatch");
  hub.behaviour.linked = undefined;
  hub.behaviour.content = Buffer.from("<html>not a model</html>");
  assert.equal(await findErrorCode({}), "model_not_gguf");
  const kept = await readdir(scene.modelsDirectory, { recursive: true });
  assert.deepEqual(
    kept.filter((name) => /\.(gguf|part)$/.test(name)),
    [],
  );
});
