import {
  boolean,
  encodeGguf,
  float32,
  type GgufTensor,
  numbers,
  text,
  texts,
  uint32,
} from "./gguf-writer.ts";
import { ones, type RandomWeights } from "./random-weights.ts";

/** How the vectors of a text's tokens become one: their mean, or a classifier's score. */
const poolings = { mean: 1, rank: 4 } as const;

export interface BertModel {
  readonly name: string;
  readonly tokens: readonly string[];
  readonly tokenKinds: readonly number[];
  readonly special: Readonly<
    Record<"padding" | "unknown" | "beginning" | "separator" | "mask", number>
  >;
  readonly contextLength: number;
  readonly embeddingLength: number;
  /** A row for each token. */
  readonly tokenVectors: Float32Array;
  /** What the last norm multiplies each dimension by. */
  readonly outputScale: Float32Array;
  /** For weights that only must be there. */
  readonly random: RandomWeights;
  /** With it the model ranks: it gives one score for a question and a text. */
  readonly classifier?: { readonly weights: Float32Array };
}

const headWidth = 32;
const feedForwardLength = 32;

/**
 * The bytes of a BERT model of one layer whose attention and feed-forward parts add nothing, so that
 * the vector of a text is the mean of its tokens' vectors. Only where it ranks, attention counts: the
 * score is made of the first token, which learns of the others through it.
 */
export function encodeBert(model: BertModel): Buffer {
  const { name, special, contextLength, embeddingLength, classifier } = model;
  return encodeGguf({
    metadata: {
      "general.architecture": text("bert"),
      "general.name": text(name),
      "general.file_type": uint32(0),
      "bert.context_length": uint32(contextLength),
      "bert.embedding_length": uint32(embeddingLength),
      "bert.block_count": uint32(1),
      "bert.feed_forward_length": uint32(feedForwardLength),
      "bert.attention.head_count": uint32(embeddingLength / headWidth),
      "bert.attention.layer_norm_epsilon": float32(1e-12),
      "bert.attention.causal": boolean(false),
      "bert.pooling_type": uint32(classifier === undefined ? poolings.mean : poolings.rank),
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
    },
    tensors: tensors(model),
  });
}

function tensors(model: BertModel): GgufTensor[] {
  const { embeddingLength: width, contextLength, random, classifier } = model;
  const row = (name: string, data: Float32Array): GgufTensor => ({
    name,
    shape: [data.length],
    data,
  });
  const zeros = (name: string, length = width): GgufTensor => row(name, new Float32Array(length));
  const matrix = (
    name: string,
    inputs: number,
    outputs: number,
    deviation: number,
  ): GgufTensor => ({
    name,
    shape: [inputs, outputs],
    data:
      deviation === 0
        ? new Float32Array(inputs * outputs)
        : random.values(inputs * outputs, deviation),
  });
  const deviation = 1 / Math.sqrt(width);
  const block = "blk.0";
  const projections = ["q", "k", "v"].flatMap((part) => [
    matrix(`${block}.attn_${part}.weight`, width, width, deviation),
    zeros(`${block}.attn_${part}.bias`),
  ]);
  return [
    {
      name: "token_embd.weight",
      shape: [width, model.tokens.length],
      data: model.tokenVectors,
    },
    matrix("position_embd.weight", width, contextLength, 0),
    matrix("token_types.weight", width, 2, 0),
    row("token_embd_norm.weight", ones(width)),
    zeros("token_embd_norm.bias"),
    ...projections,
    matrix(`${block}.attn_output.weight`, width, width, classifier === undefined ? 0 : deviation),
    zeros(`${block}.attn_output.bias`),
    row(`${block}.attn_output_norm.weight`, ones(width)),
    zeros(`${block}.attn_output_norm.bias`),
    matrix(`${block}.ffn_up.weight`, width, feedForwardLength, deviation),
    zeros(`${block}.ffn_up.bias`, feedForwardLength),
    matrix(`${block}.ffn_down.weight`, feedForwardLength, width, 0),
    zeros(`${block}.ffn_down.bias`),
    row(`${block}.layer_output_norm.weight`, model.outputScale),
    zeros(`${block}.layer_output_norm.bias`),
    ...(classifier === undefined
      ? []
      : [
          matrix("cls.weight", width, width, deviation),
          zeros("cls.bias"),
          { name: "cls.output.weight", shape: [width, 1], data: classifier.weights },
          zeros("cls.output.bias", 1),
        ]),
  ];
}
