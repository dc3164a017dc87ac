/** A piece of a document that is searched and shown to the model as one. */
export interface DocumentPart {
  /** The headings above it, the document's title first. */
  readonly headings: readonly string[];
  readonly text: string;
}

export interface SplitDocument {
  readonly title: string;
  readonly parts: readonly DocumentPart[];
}

/** Long enough to say something, short enough that three fit beside a question into a small window. */
export const maxPartCharacters = 600;
/** The rows of a table are facts of their own: together they would be about everything and nothing. */
const maxTableCharacters = 300;
/** Changes whenever a document would be split otherwise, so that indexes are made again. */
export const splittingVersion = 1;

interface Section {
  readonly headings: readonly string[];
  readonly lines: string[];
}

/**
 * Splits a document at its headings, and what is long below one at paragraphs, then lines, then words.
 * `fallbackTitle` names a document that has no heading of the first level.
 */
export function splitDocument(
  content: string,
  { isMarkdown, fallbackTitle }: { readonly isMarkdown: boolean; readonly fallbackTitle: string },
): SplitDocument {
  const lines = content.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const sections = isMarkdown ? markdownSections(lines) : [{ headings: [], lines }];
  const title = sections.find(({ headings }) => headings[0] !== undefined)?.headings[0];
  const parts = sections.flatMap(({ headings, lines: sectionLines }) =>
    splitText(sectionLines.join("\n")).map((text) => ({
      headings:
        headings[0] === undefined ? [title ?? fallbackTitle, ...headings.slice(1)] : headings,
      text,
    })),
  );
  return {
    title: title ?? fallbackTitle,
    parts: parts.map(({ headings, text }) => ({
      headings: headings.filter((heading) => heading !== ""),
      text,
    })),
  };
}

/** `#` inside a block of code is no heading. */
function markdownSections(lines: readonly string[]): Section[] {
  const sections: Section[] = [{ headings: [], lines: [] }];
  let path: string[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    const [, mark] = /^ {0,3}(```+|~~~+)/.exec(line) ?? [];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
    }
    const [, level = "", text = ""] =
      (fence === undefined && /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$/.exec(line)) || [];
    if (level === "") {
      sections.at(-1)?.lines.push(line);
    } else {
      path = [...Array.from({ length: level.length - 1 }, (_, index) => path[index] ?? ""), text];
      sections.push({ headings: path, lines: [] });
    }
  }
  return sections;
}

/** Parts of at most the allowed length, cut where it hurts least. */
function splitText(text: string): string[] {
  const parts: string[] = [];
  let open: string[] = [];
  const close = (): void => {
    parts.push(...joined(open, "\n\n", maxPartCharacters));
    open = [];
  };
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    if (isTable(paragraph)) {
      close();
      parts.push(...joined(pieces(paragraph, "\n").flatMap(rowsOf), "\n", maxTableCharacters));
    } else {
      open.push(...pieces(paragraph, "\n"));
    }
  }
  close();
  return parts.map((part) => part.trim());
}

function isTable(paragraph: string): boolean {
  return /^[ \t]*\|.*\n[ \t]*\|[ \t:|-]+(\n|$)/.test(paragraph);
}

/** Without the line below the head, which says nothing. */
function rowsOf(table: string): string[] {
  return table.split("\n").filter((row) => !/^[ \t]*\|[ \t:|-]+$/.test(row));
}

/** A text as it is when it is short enough; otherwise its lines put together as far as they fit. */
function pieces(text: string, separator: "\n" | " "): string[] {
  if (text.trim() === "") return [];
  if (text.length <= maxPartCharacters) return [text];
  const smaller = text.split(separator).flatMap((piece) => {
    if (piece.length <= maxPartCharacters) return [piece];
    return separator === "\n" ? pieces(piece, " ") : cut(piece);
  });
  return joined(smaller, separator, maxPartCharacters);
}

/** A word longer than a part, such as a line of encoded data. */
function cut(word: string): string[] {
  const count = Math.ceil(word.length / maxPartCharacters);
  return Array.from({ length: count }, (_, index) =>
    word.slice(index * maxPartCharacters, (index + 1) * maxPartCharacters),
  );
}

function joined(texts: readonly string[], separator: string, most: number): string[] {
  const parts: string[] = [];
  for (const text of texts) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + separator.length + text.length <= most) {
      parts[parts.length - 1] = `${last}${separator}${text}`;
    } else {
      parts.push(text);
    }
  }
  return parts;
}
