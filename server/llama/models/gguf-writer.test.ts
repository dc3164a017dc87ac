import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readGgufFileInfo } from "node-llama-cpp";
import { boolean, encodeGguf, float32, numbers, text, texts, uint32 } from "./gguf-writer.ts";

test("another reader finds every value and tensor that was written", async () => {
  const bytes = encodeGguf({
    metadata: {
      "general.architecture": text("llama"),
      "general.name": text("Größe 模型"),
      "sample.count": uint32(4_294_967_295),
      "sample.ratio": float32(0.5),
      "sample.large": { type: "uint64", value: 2n ** 40n },
      "sample.negative": { type: "int32", value: -7 },
      "sample.flag": boolean(true),
      "sample.words": texts(["", "one", "zwei ▁"]),
      "sample.numbers": numbers("int32", [-1, 0, 1]),
    },
    tensors: [
      { name: "first", shape: [3], data: Float32Array.of(1, 2, 3) },
      { name: "second", shape: [2, 2], data: Float32Array.of(4, 5, 6, 7) },
    ],
  });
  const directory = await mkdtemp(join(tmpdir(), "miniserve-gguf-"));
  try {
    const path = join(directory, "sample.gguf");
    await writeFile(path, bytes);
    const info = await readGgufFileInfo(path, { logWarnings: false });
    assert.equal(info.version, 3);
    assert.equal(info.metadata.general.name, "Größe 模型");
    assert.deepEqual(Reflect.get(info.metadata, "sample"), {
      count: 4_294_967_295,
      ratio: 0.5,
      large: 2n ** 40n,
      negative: -7,
      flag: true,
      words: ["", "one", "zwei ▁"],
      numbers: [-1, 0, 1],
    });
    const tensors = info.tensorInfo ?? [];
    assert.deepEqual(
      tensors.map(({ name, dimensions, offset }) => [name, dimensions, Number(offset)]),
      [
        ["first", [3], 0],
        ["second", [2, 2], 32],
      ],
    );
  } finally {
    await rm(directory, { recursive: true });
  }
  assert.deepEqual(
    [0, 4, 8, 12].map((offset) => bytes.readFloatLE(bytes.length - 32 + offset)),
    [4, 5, 6, 7],
  );
});

test("every fault of a model is named, not only the first", () => {
  const faulty = {
    metadata: {
      "bad.count": uint32(-1),
      "bad.fraction": numbers("int32", [1, 1.5]),
      "bad.ratio": float32(Number.NaN),
      "bad.large": { type: "uint64", value: 2n ** 64n },
      "good.count": uint32(1),
    },
    tensors: [
      { name: "twice", shape: [2], data: new Float32Array(2) },
      { name: "twice", shape: [2], data: new Float32Array(2) },
      { name: "short", shape: [2, 3], data: new Float32Array(5) },
      { name: "shapeless", shape: [], data: new Float32Array(1) },
    ],
  } as const;
  assert.throws(
    () => encodeGguf(faulty),
    (error: unknown) => {
      assert.ok(error instanceof RangeError);
      const named = [
        "bad.count",
        "bad.fraction holds 1.5",
        "bad.ratio",
        "bad.large",
        "twice is given twice",
        "short has 5 values, its shape 6",
        "shapeless has 0 dimensions",
      ];
      for (const fault of named) {
        assert.ok(error.message.includes(fault), fault);
      }
      assert.ok(!error.message.includes("good.count"));
      return true;
    },
  );
});
