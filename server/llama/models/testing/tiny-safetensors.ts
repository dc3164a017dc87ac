import type { BertShape } from "../convert-bert.ts";
import { randomWeights } from "../gguf-writer.ts";

export const tinyShape: BertShape = {
  contextLength: 32,
  embeddingLength: 32,
  blockCount: 1,
  feedForwardLength: 64,
  headCount: 1,
};

/** A vocab.txt. */
export const tinyVocabulary = `${[
  ...["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
  ...["one", "two", "test", "##s", "a", "."],
].join("\n")}\n`;

/** A BERT model with random weights, as sentence-transformers publishes one. */
export function tinyWeights(): Buffer {
  const { embeddingLength: width, feedForwardLength: inner, contextLength } = tinyShape;
  const words = tinyVocabulary.trim().split("\n").length;
  const layer = "encoder.layer.0";
  const square = ["attention.self.query", "attention.self.key", "attention.self.value"];
  const shapes: [name: string, shape: number[]][] = [
    ["embeddings.word_embeddings.weight", [words, width]],
    ["embeddings.position_embeddings.weight", [contextLength, width]],
    ["embeddings.token_type_embeddings.weight", [2, width]],
    ...norm("embeddings.LayerNorm"),
    ...[...square, "attention.output.dense"].flatMap((name) =>
      dense(`${layer}.${name}`, width, width),
    ),
    ...norm(`${layer}.attention.output.LayerNorm`),
    ...dense(`${layer}.intermediate.dense`, inner, width),
    ...dense(`${layer}.output.dense`, width, inner),
    ...norm(`${layer}.output.LayerNorm`),
    ...dense("pooler.dense", width, width),
  ];
  const random = randomWeights(9);
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const chunks = shapes.map(([name, shape]) => {
    const { buffer, byteLength } = random.values(
      shape.reduce((product, size) => product * size, 1),
      0.3,
    );
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + byteLength] };
    offset += byteLength;
    return Buffer.from(buffer);
  });
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...chunks]);
}

const dense = (name: string, outputs: number, inputs: number): [string, number[]][] => [
  [`${name}.weight`, [outputs, inputs]],
  [`${name}.bias`, [outputs]],
];

const norm = (name: string): [string, number[]][] => [
  [`${name}.weight`, [tinyShape.embeddingLength]],
  [`${name}.bias`, [tinyShape.embeddingLength]],
];
