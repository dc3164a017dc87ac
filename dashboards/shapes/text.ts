import { PanelBuilder as TextBuilder, TextMode } from "@grafana/grafana-foundation-sdk/text";

/** As Grafana 12 draws them, in pixels; a panel's frame is what is around its text. */
const drawn = { line: 22, betweenParagraphs: 16, gridRow: 38, frame: 58 };
/** On a narrow page, so that nothing is cut off there. */
const charactersOfColumn = 6.5;

/** How many rows of the grid paragraphs of Markdown take in a panel so many columns wide. */
export function computeTextHeight(paragraphs: readonly string[], width: number): number {
  const charactersOfLine = width * charactersOfColumn;
  const lines = paragraphs
    .map((paragraph) => paragraph.replaceAll(/\]\(.*?\)/g, "]").length)
    .reduce((sum, length) => sum + Math.ceil(length / charactersOfLine), 0);
  const text = lines * drawn.line + (paragraphs.length - 1) * drawn.betweenParagraphs;
  return Math.ceil((text + drawn.frame) / drawn.gridRow);
}

/** Markdown, in which Grafana replaces variables. */
export function markdownText(title: string, content: string): TextBuilder {
  return new TextBuilder().title(title).mode(TextMode.Markdown).content(content);
}
