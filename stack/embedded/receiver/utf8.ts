const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });
const replacement = "\u{fffd}";
const replacementBytes = Buffer.from(replacement);
/** No text that was sent as UTF-8 has half of a surrogate pair in it. */
const mark = "\udfff";

/**
 * Bytes as a text. What is not UTF-8 becomes half of a surrogate pair, as it may stand in JSON too, so
 * that whoever takes the text knows that it was not as it should be: see span-texts.ts.
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return marked(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

function marked(bytes: Buffer): string {
  const parts: string[] = [];
  let start = 0;
  while (true) {
    // A replacement that was sent is no fault. Its first byte begins a character wherever it stands.
    const end = bytes.indexOf(replacementBytes, start);
    const part = bytes.subarray(start, end === -1 ? undefined : end);
    parts.push(loose.decode(part).replaceAll(replacement, mark));
    if (end === -1) {
      return parts.join(replacement);
    }
    start = end + replacementBytes.length;
  }
}
