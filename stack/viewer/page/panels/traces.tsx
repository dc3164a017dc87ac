import { useMemo } from "preact/hooks";
import { readOtlpJson } from "#contract";
import { formatText } from "../../data/units.ts";
import { createWaterfall } from "../../data/waterfall.ts";
import { SpanLine, TimeAxis } from "../waterfall/waterfall.tsx";
import type { PanelViewProps } from "./panel-view.ts";

/** The spans of one trace over its time, each with the way to it on the trace's own page. */
export function Traces({ data, panel }: PanelViewProps) {
  const { rows, durationMs } = useMemo(
    () => createWaterfall(readOtlpJson(data.trace).spans),
    [data.trace],
  );
  if (rows.length === 0) {
    return <p class="nothing">The store has no trace with this id.</p>;
  }
  const traceId = rows[0]?.span.traceId ?? "";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section class="waterfall" tabIndex={0} aria-label={`${panel.title}: spans`}>
      <p class="waterfall-head">
        <a href={`/trace/${traceId}`}>
          <code>{traceId}</code>
        </a>
        <span class="weak">
          {rows.length} spans, {formatText(durationMs, "ms")}
        </span>
      </p>
      <TimeAxis durationMs={durationMs} />
      <ol class="span-tree">
        {rows.map((row) => (
          <li key={row.span.spanId}>
            <a class="span-button" href={`/trace/${traceId}?span=${row.span.spanId}`}>
              <SpanLine row={row} />
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}
