import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadEngineOn } from "./load-engine.ts";
import { openNativeBackend } from "./native-backend.ts";
import { sharedBackend, withTinyEngine } from "./testing/tiny-engine.ts";

const thisFile = fileURLToPath(import.meta.url);
const options = {
  modelName: "none",
  slots: 1,
  contextTokens: 64,
  queueLimit: 0,
  prefillChunkTokens: 8,
} as const;
const load = async (modelPath: string) =>
  await loadEngineOn(await sharedBackend(), { ...options, modelPath });

test("a file that is no model is refused with its path", () =>
  assert.rejects(load(thisFile), (error: Error) => {
    assert.equal((error as { code?: string }).code, "model_unloadable");
    assert.ok(error.message.includes(thisFile));
    return true;
  }));

test("a missing model file is refused", () =>
  assert.rejects(load(`${thisFile}.gguf`), { code: "model_unloadable" }));

test("a GPU that this machine cannot have is refused, not replaced by the CPU", () => {
  const gpu = process.platform === "darwin" ? "cuda" : "metal";
  const opening = openNativeBackend({ gpu, threads: "auto" });
  return assert.rejects(opening, { code: "backend_unavailable" });
});

test("loading leaves the process's own options for Node as they were", async () => {
  const before = [...process.execArgv];
  const gpu = process.platform === "darwin" ? "cuda" : "metal";
  await assert.rejects(openNativeBackend({ gpu, threads: "auto" }));
  await assert.rejects(load(thisFile));
  assert.deepEqual(process.execArgv, before);
});

test("a loaded engine tells what it is", () =>
  withTinyEngine({ slots: 3 }, async (engine) => {
    assert.deepEqual(
      [engine.modelName, engine.tokenizerName, engine.slotCount],
      ["tiny", "llama", 3],
    );
    assert.ok(engine.threads >= 1 && engine.threads <= availableParallelism());
    assert.deepEqual([engine.contextTokens, engine.hasChatTemplate], [256, true]);
    assert.deepEqual(engine.status(), { slotsBusy: 0, queueLength: 0, rounds: 0 });
  }));
