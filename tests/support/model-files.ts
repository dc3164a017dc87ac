import assert from "node:assert/strict";
import { type TinyLlamaOptions, tinyLlama } from "../../server/llama/models/tiny-llama.ts";

/** A model with a long window that never ends its answer by itself, for requests that take long. */
export function endlessModel(
  options: Pick<TinyLlamaOptions, "chatTemplate" | "toolTemplate"> = {},
): Buffer {
  return tinyLlama({ endOfTurnStrength: 0, contextLength: 32_768, ...options });
}

/** The same model with one of its strings replaced: a word of its vocabulary, its chat template. */
export function withString(model: Buffer, before: string, after: string): Buffer {
  return withBytes(model, lengthPrefixed(before), lengthPrefixed(after));
}

/** The same model without a token that begins every input. */
export function withoutBeginningToken(model: Buffer): Buffer {
  const key = Buffer.from("tokenizer.ggml.add_bos_token");
  const boolean = Buffer.from([7, 0, 0, 0]);
  return withBytes(
    model,
    Buffer.concat([key, boolean, Buffer.from([1])]),
    Buffer.concat([key, boolean, Buffer.from([0])]),
  );
}

/** The same model with another chat template, which must not be longer than its own. */
export function withChatTemplate(model: Buffer, template: string): Buffer {
  const key = Buffer.from("tokenizer.chat_template");
  // After the key come the type of its value, in 4 bytes, and the length of the text, in 8.
  const at = model.indexOf(key) + key.length + 4;
  const length = Number(model.readBigUInt64LE(at));
  const own = model.toString("utf8", at + 8, at + 8 + length);
  // A comment of the template's language fills what is left, so that nothing behind it moves.
  const filler = length - Buffer.byteLength(template) - "{##}".length;
  assert.ok(filler >= 0, `The template is longer than ${length - 4} bytes.`);
  return withString(model, own, `${template}{#${" ".repeat(filler)}#}`);
}

/** The same model without a chat template. */
export function withoutChatTemplate(model: Buffer): Buffer {
  return withString(model, "tokenizer.chat_template", "tokenizer.chat_templatf");
}

/** Nothing behind the place may move, so what comes in must be as long as what goes out. */
function withBytes(model: Buffer, before: Buffer, after: Buffer): Buffer {
  assert.equal(after.length, before.length);
  const at = model.indexOf(before);
  assert.notEqual(at, -1, "The model does not have these bytes.");
  assert.equal(model.indexOf(before, at + 1), -1, "The model has these bytes twice.");
  const copy = Buffer.from(model);
  after.copy(copy, at);
  return copy;
}

function lengthPrefixed(content: string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}
