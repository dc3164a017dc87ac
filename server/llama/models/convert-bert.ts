import { bertMetadata } from "./bert-metadata.ts";
import { encodeGguf, type GgufTensor, tokenKinds, wordStart } from "./gguf-writer.ts";
import { readSafetensors } from "./safetensors.ts";

/** The sizes that a BERT model's own config.json gives. */
export interface BertShape {
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly blockCount: number;
  readonly feedForwardLength: number;
  readonly headCount: number;
}

interface BertSource {
  readonly name: string;
  readonly shape: BertShape;
  /** The content of model.safetensors. */
  readonly weights: Buffer;
  /** The content of vocab.txt. */
  readonly vocabulary: string;
}

/** Sentence-transformers' BERT models as llama.cpp reads them, by the rules of its own converter. */
export function convertBert({ name, shape, weights, vocabulary }: BertSource): Buffer {
  const pieces = vocabulary.trimEnd().split("\n");
  const indexOf = (piece: string): number => pieces.indexOf(piece);
  return encodeGguf({
    metadata: bertMetadata({
      ...shape,
      name,
      fileType: "float16",
      pooling: "mean",
      tokens: pieces.map(toPhantomSpaceForm),
      tokenKinds: pieces.map((piece) =>
        controlPieces.has(piece) ? tokenKinds.control : tokenKinds.normal,
      ),
      special: {
        padding: indexOf("[PAD]"),
        unknown: indexOf("[UNK]"),
        beginning: indexOf("[CLS]"),
        separator: indexOf("[SEP]"),
        mask: indexOf("[MASK]"),
      },
    }),
    tensors: convertTensors(weights),
  });
}

const controlPieces = new Set(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);

/** Where BERT marks what continues a word, llama.cpp marks what begins one. */
function toPhantomSpaceForm(piece: string): string {
  if (controlPieces.has(piece)) {
    return piece;
  }
  return piece.startsWith("##") ? piece.slice(2) : wordStart + piece;
}

const outerNames: Readonly<Record<string, string>> = {
  "embeddings.word_embeddings": "token_embd",
  "embeddings.position_embeddings": "position_embd",
  "embeddings.token_type_embeddings": "token_types",
  "embeddings.LayerNorm": "token_embd_norm",
};

const blockNames: Readonly<Record<string, string>> = {
  "attention.self.query": "attn_q",
  "attention.self.key": "attn_k",
  "attention.self.value": "attn_v",
  "attention.output.dense": "attn_output",
  "attention.output.LayerNorm": "attn_output_norm",
  "intermediate.dense": "ffn_up",
  "output.dense": "ffn_down",
  "output.LayerNorm": "layer_output_norm",
};

/** Their numbers are added and not multiplied, so they stay as they are. */
const keptAsFloat32 = new Set(["position_embd", "token_types"]);

function convertTensors(weights: Buffer): GgufTensor[] {
  return [...readSafetensors(weights)].flatMap(({ name, shape, data }) => {
    const [, path = "", part = ""] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
    const [, block = "", inner = ""] = /^encoder\.layer\.(\d+)\.(.+)$/.exec(path) ?? [];
    const target = block === "" ? outerNames[path] : blockNames[inner];
    // The pooler belongs to another task, and the positions are only counted up.
    if (target === undefined) {
      return [];
    }
    const isFloat32 = shape.length === 1 || keptAsFloat32.has(target);
    return {
      name: `${block === "" ? "" : `blk.${block}.`}${target}.${part}`,
      shape: shape.toReversed(),
      data: isFloat32 ? data : new Float16Array(data),
    };
  });
}
