import { withoutCredentials } from "./credentials.ts";

/**
 * What a terminal, a page or a reader's eye obeys instead of showing it: control characters, marks that
 * turn the direction of writing or take no room, separators of lines, halves of characters.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const shortForms: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A stranger's text as it may stand in a line: what cannot be seen is written as in source code. */
export function visibleText(text: string): string {
  return text.replace(
    invisible,
    (character) => shortForms[character] ?? escapeCharacter(character),
  );
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\u{${code}}`;
}

/** A text of any length would fill the terminal and say no more. */
const mostCharacters = 300;
/** To look through many megabytes takes its time, and only the beginning is shown. */
const mostRead = 100_000;

/**
 * The same, without what looks like a credential, cut where it is longer than a person reads. What is cut
 * out of a credential is not known as one any more, so this comes before anything else that cuts.
 */
export function shortText(text: string, most = mostCharacters): string {
  const shown = [...withoutCredentials(visibleText(text.slice(0, mostRead)))];
  return shown.length <= most && text.length <= mostRead
    ? shown.join("")
    : `${shown.slice(0, most - 1).join("")}…`;
}

/** JSON that is safe to look at: the same document, with everything that cannot be seen escaped. */
export function visibleJson(document: unknown): string {
  const escaped = (character: string) =>
    character === "\n"
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
          .join("");
  return JSON.stringify(document, null, 2).replace(invisible, escaped);
}
