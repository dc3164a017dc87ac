import assert from "node:assert/strict";
import { test } from "node:test";
import { getModelName } from "./model-file.ts";

test("the public name is the file name without its ending, in safe characters", () => {
  assert.equal(getModelName("/a/b/SmolLM2-135M-Instruct.Q4_1.gguf"), "SmolLM2-135M-Instruct.Q4_1");
  assert.equal(getModelName("My model (v2).GGUF"), "My-model-v2-");
  assert.equal(getModelName("/a/.gguf"), "model");
  assert.equal(getModelName(`${"x".repeat(300)}.gguf`).length, 128);
});
