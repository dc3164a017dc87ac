import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeGguf, numbers, text, texts, uint32 } from "./gguf-writer.ts";
import { ModelError } from "./model-error.ts";
import { requireGguf } from "./require-gguf.ts";

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "miniserve-require-gguf-"));
});
after(() => rm(directory, { recursive: true }));

const model = encodeGguf({
  metadata: {
    "general.architecture": text("llama"),
    // As long as the one key that is read.
    "general.namealike": text("x"),
    "sample.words": texts(["", "one", "zwei ▁"]),
    "sample.numbers": numbers("int32", [-1, 0, 1]),
    "sample.large": { type: "uint64", value: 2n ** 40n },
    "sample.flag": { type: "boolean", value: true },
  },
  tensors: [
    { name: "first", shape: [3, 5], data: new Float32Array(15) },
    { name: "second", shape: [64], data: new Float32Array(64) },
  ],
});
/** Where the header has its version and its counts, and where the first key begins. */
const places = { version: 4, tensorCount: 8, metadataCount: 16, firstKey: 24 } as const;

async function findErrorCode(content: Uint8Array): Promise<string | undefined> {
  const path = join(directory, "model.gguf");
  await writeFile(path, content);
  try {
    await requireGguf(path);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ModelError, String(error));
    assert.ok(error.message.includes(path));
    assert.notEqual(error.hint, "");
    return error.code;
  }
}

function withUint64(at: number, value: bigint): Buffer {
  const copy = Buffer.from(model);
  copy.writeBigUInt64LE(value, at);
  return copy;
}

function withUint32(at: number, value: number): Buffer {
  const copy = Buffer.from(model);
  copy.writeUInt32LE(value, at);
  return copy;
}

/** Where the number behind a text of the model stands: its value's type, its dimensions. */
function behind(content: string): number {
  return model.indexOf(content) + content.length;
}

test("a whole file is taken, also with tensors of a format that is not known", async () => {
  assert.equal(await findErrorCode(model), undefined);
  // Behind the name come the number of dimensions, one dimension, and the format.
  assert.equal(await findErrorCode(withUint32(behind("second") + 12, 9_999)), undefined);
  assert.equal(await findErrorCode(encodeGguf({ metadata: {}, tensors: [] })), undefined);
});

test("a file cut at whatever byte is refused", async () => {
  // The last byte that is needed is not padding: 64 values fill whole blocks of 32 bytes.
  for (let length = 0; length < model.length; length++) {
    const expected = length < 8 ? "model_not_gguf" : "model_damaged";
    assert.equal(await findErrorCode(model.subarray(0, length)), expected, `${length} bytes`);
  }
});

test("what only begins like a GGUF file is refused", async () => {
  for (const garbage of ["GGUF", "GGUF garbage", `GGUF${"no model at all. ".repeat(500)}`]) {
    assert.equal(await findErrorCode(Buffer.from(garbage)), "model_not_gguf", garbage.slice(0, 20));
  }
  const zeros = Buffer.alloc(5_000);
  assert.equal(await findErrorCode(Buffer.concat([Buffer.from("GGUF"), zeros])), "model_not_gguf");
  for (const version of [0, 1, 4, 77, 3 << 24]) {
    assert.equal(await findErrorCode(withUint32(places.version, version)), "model_not_gguf");
  }
});

test("counts and lengths that the file cannot hold are refused at once", async () => {
  const wordCount = behind("sample.words") + 8;
  for (const at of [
    places.tensorCount,
    places.metadataCount,
    places.firstKey,
    behind("general.architecture") + 4,
    wordCount,
    wordCount + 8,
    behind("sample.numbers") + 8,
    behind("first") + 4,
    behind("second") + 16,
  ]) {
    for (const power of [40n, 60n, 63n]) {
      assert.equal(
        await findErrorCode(withUint64(at, 2n ** power)),
        "model_damaged",
        `${at}: 2^${power}`,
      );
    }
  }
});

test("counts that only a file full of nothing can hold are refused at once as well", async () => {
  const path = join(directory, "hollow.gguf");
  for (const at of [places.tensorCount, places.metadataCount]) {
    await writeFile(path, withUint64(at, 2n ** 40n));
    // It takes no room on the disk: there is nothing in it.
    await truncate(path, 2 ** 33);
    await assert.rejects(requireGguf(path), { code: "model_damaged" });
  }
});

test("types and shapes that do not exist are refused", async () => {
  for (const at of [behind("general.architecture"), behind("sample.numbers") + 4]) {
    for (const type of [13, 255, 2 ** 31]) {
      assert.equal(await findErrorCode(withUint32(at, type)), "model_damaged", `type ${type}`);
    }
  }
  // Arrays of arrays.
  assert.equal(await findErrorCode(withUint32(behind("sample.numbers") + 4, 9)), "model_damaged");
  assert.equal(await findErrorCode(withUint32(behind("second"), 5)), "model_damaged");
  assert.equal(await findErrorCode(withUint64(behind("second") + 4, 0n)), "model_damaged");
});

test("the alignment that the file names decides where its tensors begin", async () => {
  const aligned = (alignment: number): Buffer =>
    encodeGguf({
      metadata: { "general.alignment": uint32(alignment) },
      tensors: [{ name: "one", shape: [8], data: new Float32Array(8) }],
    });
  assert.equal(await findErrorCode(aligned(32)), undefined);
  assert.equal(await findErrorCode(aligned(4_096)), "model_damaged");
  assert.equal(await findErrorCode(aligned(0)), "model_damaged");
});
