import {
  boolean,
  float32,
  type GgufMetadata,
  numbers,
  text,
  texts,
  uint32,
} from "./gguf-writer.ts";

/** How the vectors of a text's tokens become one: their mean, or a classifier's score. */
const poolings = { mean: 1, rank: 4 } as const;
const fileTypes = { float32: 0, float16: 1 } as const;

export type BertSpecialTokens = Readonly<
  Record<"padding" | "unknown" | "beginning" | "separator" | "mask", number>
>;

interface BertDescription {
  readonly name: string;
  /** Of most of its values. */
  readonly fileType: keyof typeof fileTypes;
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly blockCount: number;
  readonly feedForwardLength: number;
  readonly headCount: number;
  readonly pooling: keyof typeof poolings;
  readonly tokens: readonly string[];
  readonly tokenKinds: readonly number[];
  readonly special: BertSpecialTokens;
}

/** What llama.cpp wants to know of a BERT model with a WordPiece vocabulary. */
export function bertMetadata(model: BertDescription): GgufMetadata {
  const { special } = model;
  return {
    "general.architecture": text("bert"),
    "general.name": text(model.name),
    "general.file_type": uint32(fileTypes[model.fileType]),
    "bert.context_length": uint32(model.contextLength),
    "bert.embedding_length": uint32(model.embeddingLength),
    "bert.block_count": uint32(model.blockCount),
    "bert.feed_forward_length": uint32(model.feedForwardLength),
    "bert.attention.head_count": uint32(model.headCount),
    "bert.attention.layer_norm_epsilon": float32(1e-12),
    "bert.attention.causal": boolean(false),
    "bert.pooling_type": uint32(poolings[model.pooling]),
    "tokenizer.ggml.model": text("bert"),
    "tokenizer.ggml.tokens": texts(model.tokens),
    "tokenizer.ggml.token_type": numbers("int32", model.tokenKinds),
    "tokenizer.ggml.token_type_count": uint32(2),
    "tokenizer.ggml.bos_token_id": uint32(special.beginning),
    "tokenizer.ggml.cls_token_id": uint32(special.beginning),
    "tokenizer.ggml.eos_token_id": uint32(special.separator),
    "tokenizer.ggml.seperator_token_id": uint32(special.separator),
    "tokenizer.ggml.padding_token_id": uint32(special.padding),
    "tokenizer.ggml.unknown_token_id": uint32(special.unknown),
    "tokenizer.ggml.mask_token_id": uint32(special.mask),
  };
}
