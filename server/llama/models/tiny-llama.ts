import {
  boolean,
  encodeGguf,
  float32,
  type GgufTensor,
  numbers,
  ones,
  randomWeights,
  text,
  texts,
  tokenKinds,
  uint32,
  wordStart,
} from "./gguf-writer.ts";

/** The public name of the generated model, also in its metadata. */
export const tinyLlamaName = "tiny-random-llama";

export interface TinyLlamaOptions {
  readonly seed?: number;
  /** Tokens that the model declares it was trained for. */
  readonly contextLength?: number;
  /**
   * How strongly the model tends to end its answer: a factor on the weights of the end-of-turn
   * token. At temperature 0, 0 never ends (the answer runs to its
   * length limit), 1 sometimes does, and from 2 on the answer is mostly empty.
   */
  readonly endOfTurnStrength?: number;
  readonly chatTemplate?: string;
  /** A second template, for chats with tools, as some models have one. */
  readonly toolTemplate?: string;
}

const sizes = {
  embedding: 64,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 16,
  layers: 2,
  feedForward: 128,
};

/** Sets how far the scores of words lie apart: far enough for words to win, too little to fix one. */
const wordDeviation = 0.375;

/** The turn format of the real default model, so that chat requests take the same path. */
const ownChatTemplate =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * The bytes of a complete llama model with random weights (about 0.7 MB): it tokenises, caches,
 * and generates real words in an order that means nothing. The same options give the same bytes.
 */
export function tinyLlama(options: TinyLlamaOptions = {}): Buffer {
  const { seed = 1, contextLength = 2048, endOfTurnStrength = 1 } = options;
  const { chatTemplate = ownChatTemplate, toolTemplate } = options;
  const vocabulary = tinyVocabulary();
  return encodeGguf({
    metadata: {
      "general.architecture": text("llama"),
      "general.name": text(tinyLlamaName),
      "general.file_type": uint32(0),
      "llama.context_length": uint32(contextLength),
      "llama.embedding_length": uint32(sizes.embedding),
      "llama.block_count": uint32(sizes.layers),
      "llama.feed_forward_length": uint32(sizes.feedForward),
      "llama.attention.head_count": uint32(sizes.heads),
      "llama.attention.head_count_kv": uint32(sizes.keyValueHeads),
      "llama.attention.layer_norm_rms_epsilon": float32(1e-5),
      "llama.rope.dimension_count": uint32(sizes.headWidth),
      "llama.vocab_size": uint32(vocabulary.tokens.length),
      "tokenizer.ggml.model": text("llama"),
      "tokenizer.ggml.tokens": texts(vocabulary.tokens),
      "tokenizer.ggml.scores": numbers("float32", vocabulary.scores),
      "tokenizer.ggml.token_type": numbers("int32", vocabulary.kinds),
      "tokenizer.ggml.bos_token_id": uint32(vocabulary.beginOfSequence),
      "tokenizer.ggml.eos_token_id": uint32(vocabulary.endOfTurn),
      "tokenizer.ggml.unknown_token_id": uint32(vocabulary.unknown),
      "tokenizer.ggml.add_bos_token": boolean(true),
      "tokenizer.ggml.add_space_prefix": boolean(true),
      "tokenizer.chat_template": text(chatTemplate),
      ...(toolTemplate && { "tokenizer.chat_template.tool_use": text(toolTemplate) }),
    },
    tensors: tensors(vocabulary, seed, endOfTurnStrength),
  });
}

function tensors(vocabulary: Vocabulary, seed: number, endOfTurnStrength: number): GgufTensor[] {
  const random = randomWeights(seed);
  const { embedding, heads, keyValueHeads, headWidth, layers, feedForward } = sizes;
  // This deviation keeps the size of an activation the same through a matrix.
  const matrix = (name: string, inputs: number, outputs: number): GgufTensor => ({
    name,
    shape: [inputs, outputs],
    data: random.values(inputs * outputs, 1 / Math.sqrt(inputs)),
  });
  const norm = (name: string): GgufTensor => ({ name, shape: [embedding], data: ones(embedding) });
  const layer = (block: string): GgufTensor[] => [
    norm(`${block}.attn_norm.weight`),
    matrix(`${block}.attn_q.weight`, embedding, heads * headWidth),
    matrix(`${block}.attn_k.weight`, embedding, keyValueHeads * headWidth),
    matrix(`${block}.attn_v.weight`, embedding, keyValueHeads * headWidth),
    matrix(`${block}.attn_output.weight`, heads * headWidth, embedding),
    norm(`${block}.ffn_norm.weight`),
    matrix(`${block}.ffn_gate.weight`, embedding, feedForward),
    matrix(`${block}.ffn_up.weight`, embedding, feedForward),
    matrix(`${block}.ffn_down.weight`, feedForward, embedding),
  ];
  const vocabularySize = vocabulary.tokens.length;
  return [
    {
      name: "token_embd.weight",
      shape: [embedding, vocabularySize],
      data: random.values(embedding * vocabularySize, 1),
    },
    ...Array.from({ length: layers }, (_, index) => layer(`blk.${index}`)).flat(),
    norm("output_norm.weight"),
    outputTensor(
      vocabulary,
      random.values(embedding * vocabularySize, wordDeviation),
      endOfTurnStrength,
    ),
  ];
}

/** All but words score 0, which is below the best word's score, so that answers are readable. */
function outputTensor(
  vocabulary: Vocabulary,
  data: Float32Array,
  endOfTurnStrength: number,
): GgufTensor {
  const width = sizes.embedding;
  for (let token = 0; token < vocabulary.tokens.length; token++) {
    const row = data.subarray(token * width, (token + 1) * width);
    if (token === vocabulary.endOfTurn) {
      row.set(row.map((weight) => weight * endOfTurnStrength));
    } else if (!vocabulary.isWord(token)) {
      row.fill(0);
    }
  }
  return { name: "output.weight", shape: [width, vocabulary.tokens.length], data };
}

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  readonly kinds: readonly number[];
  readonly unknown: number;
  readonly beginOfSequence: number;
  readonly endOfTurn: number;
  /** Whether a token is a whole word: not a fragment of one, a sign, a raw byte or a control token. */
  isWord(token: number): boolean;
}

const words = `
  the of and to in is it was for on are as with at one have this from by not but some what there
  we can out other all your when up use word how said each she which do their time if will way
  about many then them would write like these her long make thing see him two has look more day
  could come did sound no most number who over know water than call first people may down side
  been now find any new work part take get place where after back little only round year show
  every good me give our under name very through just form much think say help low line before
  turn cause same mean move right old too does tell trace span model token request server answer
  question window river stone light garden letter paper morning story
`
  .trim()
  .split(/\s+/);

/**
 * Of the SentencePiece kind: some common words, every printable ASCII character, and the 256 bytes,
 * so that any text can be tokenised and restored.
 */
function tinyVocabulary(): Vocabulary {
  const entries: { token: string; score: number; kind: number }[] = [];
  const add = (token: string, kind: number, score = 0): number =>
    entries.push({ token, score, kind }) - 1;

  const unknown = add("<unk>", tokenKinds.unknown);
  const beginOfSequence = add("<s>", tokenKinds.control);
  add("</s>", tokenKinds.control);
  for (let byte = 0; byte < 256; byte++) {
    add(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, tokenKinds.byte);
  }
  for (const [piece, score] of textPieces()) {
    add(piece, tokenKinds.normal, score);
  }
  add("<|im_start|>", tokenKinds.control);
  const endOfTurn = add("<|im_end|>", tokenKinds.control);
  const wholeWords = new Set(words.map((word) => wordStart + word));

  return {
    tokens: entries.map((entry) => entry.token),
    scores: entries.map((entry) => entry.score),
    kinds: entries.map((entry) => entry.kind),
    unknown,
    beginOfSequence,
    endOfTurn,
    isWord: (token) => wholeWords.has(entries[token]?.token ?? ""),
  };
}

/**
 * SentencePiece merges neighbouring pieces by the best score, so a whole word is only reached when
 * each of its beginnings is a piece too, with a score that grows with its length.
 */
function textPieces(): Map<string, number> {
  const pieces = new Map<string, number>([[wordStart, -1000]]);
  for (let code = 33; code < 127; code++) {
    pieces.set(String.fromCharCode(code), -1000);
  }
  for (const word of words) {
    const marked = wordStart + word;
    for (let length = 2; length <= marked.length; length++) {
      pieces.set(marked.slice(0, length), length * 10 - 500);
    }
  }
  return pieces;
}
