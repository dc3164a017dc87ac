import { interpolate } from "../../data/interpolation.ts";
import { interpolationOf } from "../../data/links.ts";
import { Markdown } from "./markdown.tsx";
import type { PanelViewProps } from "./panel-view.ts";

export function TextPanel({ panel, context }: PanelViewProps) {
  const { content = "", mode = "markdown" } = panel.options ?? {};
  const text = interpolate(String(content), interpolationOf(context));
  // Of HTML only the text is shown: what a dashboard may not do here is run.
  return mode === "code" ? <pre class="code-block">{text}</pre> : <Markdown text={text} />;
}
