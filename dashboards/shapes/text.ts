import { PanelBuilder as TextBuilder, TextMode } from "@grafana/grafana-foundation-sdk/text";

/** Markdown, in which Grafana replaces variables. */
export function markdownText(title: string, content: string): TextBuilder {
  return new TextBuilder().title(title).mode(TextMode.Markdown).content(content);
}
