/**
 * The vocabulary of the tiny llama model, of the SentencePiece kind: some common words, every
 * printable ASCII character, and the 256 bytes, so that any text can be tokenised and restored.
 */

/** SentencePiece's mark for the space in front of a word. */
const wordStart = "\u2581";

/** The numbers that GGUF gives to the kinds of tokens. */
const tokenKinds = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

export interface Vocabulary {
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

export function tinyVocabulary(): Vocabulary {
  const entries: { token: string; score: number; kind: number }[] = [];
  const add = (token: string, kind: number, score = 0): number =>
    entries.push({ token, score, kind }) - 1;

  const unknown = add("<unk>", tokenKinds.unknown);
  const beginOfSequence = add("<s>", tokenKinds.control);
  add("</s>", tokenKinds.control);
  for (let byte = 0; byte < 256; byte++) {
    add(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, tokenKinds.byte);
  }
  for (const [piece, score] of textPieces()) add(piece, tokenKinds.normal, score);
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
  for (let code = 33; code < 127; code++) pieces.set(String.fromCharCode(code), -1000);
  for (const word of words) {
    const marked = wordStart + word;
    for (let length = 2; length <= marked.length; length++) {
      pieces.set(marked.slice(0, length), length * 10 - 500);
    }
  }
  return pieces;
}
