import { styleText } from "node:util";

export type Emphasis = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours a piece of text, or leaves it alone where there is nobody to see colours. */
export type Style = (emphasis: Emphasis, text: string) => string;

export const plain: Style = (_emphasis, text) => text;

/** The style for a stream: plain for a file or a pipe, and wherever NO_COLOR asks for it. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (emphasis, text) => styleText(emphasis, text, { stream });
}

/** How many columns a stream shows. A pipe has no width, so there is no need to cut anything. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return Math.max(60, stream.columns ?? 200);
}
