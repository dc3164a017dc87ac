const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });
const replacement = 0xfffd;
/** Half of a surrogate pair, which no text has that was sent as UTF-8. */
const mark = 0xdfff;

/**
 * Bytes as a text. What is not UTF-8 becomes half of a surrogate pair, as it may stand in JSON too, so
 * that whoever takes the text knows that it was not as it should be: see span-texts.ts.
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return marked(loose.decode(bytes));
  }
}

/** With a loop, because there may be millions: a replacement that was sent is marked as well. */
function marked(text: string): string {
  const bytes = Buffer.from(text, "utf16le");
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  for (let index = 0; index < units.length; index += 1) {
    if (units[index] === replacement) {
      units[index] = mark;
    }
  }
  return bytes.toString("utf16le");
}
