import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import { visibleJson, visibleText, withoutCredentials } from "#contract";

export type Emphasis = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours a piece of text, or leaves it alone where there is nobody to see colours. */
export type Style = (emphasis: Emphasis, text: string) => string;

export const plain: Style = (_emphasis, text) => text;

/** Stands for the escape of a colour of ours until it is written. No stranger can know it. */
const seal = randomUUID();

/** The style for a stream: plain for a file or a pipe, and wherever NO_COLOR asks for it. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (emphasis, text) => {
    const [open = "", close = ""] = styleText(emphasis, "\n", { stream }).split("\n");
    return `${sealed(open)}${text}${sealed(close)}`;
  };
}

function sealed(codes: string): string {
  return codes.replaceAll("\u001b", seal);
}

/**
 * Writes lines for a person. It is the only way to the terminal, so that nothing of a stranger is obeyed
 * by it, wherever the text comes from: what cannot be seen is escaped, but for the colours of a style,
 * and what looks like a credential is left out.
 */
export function writeLines(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${shownLine(line)}\n`).join(""));
}

/** Replaces the last line of a terminal, which has no end yet; with nothing, clears it. */
export function writeStatus(stream: NodeJS.WritableStream, line: string): void {
  stream.write(`\r\u001b[K${shownLine(line)}`);
}

function shownLine(line: string): string {
  return withoutCredentials(visibleText(line)).replaceAll(seal, "\u001b");
}

/** Writes a document for a program, which a person may look at as well. */
export function writeJson(stream: NodeJS.WritableStream, document: unknown): void {
  stream.write(`${visibleJson(document)}\n`);
}

/** Writes a text of ours, for a program: as it is. */
export function writeDocument(stream: NodeJS.WritableStream, text: string): void {
  stream.write(text);
}

/** How many columns a stream shows. A pipe has no width, so there is no need to cut anything. */
export function getTerminalColumns(stream: NodeJS.WriteStream): number {
  return Math.max(60, stream.columns ?? 200);
}
