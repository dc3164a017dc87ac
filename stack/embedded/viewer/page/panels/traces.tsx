import { useMemo } from "preact/hooks";
import { miniserve, readOtlpJson } from "#contract";
import { colourOf } from "../../data/colours.ts";
import { stageColours } from "../../data/stage-colours.ts";
import { formatText } from "../../data/units.ts";
import { type WaterfallRow, waterfallOf } from "../../data/waterfall.ts";
import type { PanelViewProps } from "./panel-view.ts";

/** The spans of one trace over its time. */
export function Traces({ data, panel, theme }: PanelViewProps) {
  const { rows, durationMs } = useMemo(
    () => waterfallOf(readOtlpJson(data.trace).spans),
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
      <ol>
        {rows.map((row) => (
          <Row key={row.span.spanId} row={row} colour={colourOf(colourNameOf(row), theme)} />
        ))}
      </ol>
    </section>
  );
}

const colours = stageColours(miniserve);

function colourNameOf({ span }: WaterfallRow): string {
  return colours.get(span.name) ?? "text";
}

function Row({ row, colour }: { readonly row: WaterfallRow; readonly colour: string }) {
  const { span, depth, start, length, durationMs } = row;
  const hasFailed = span.status.code === "error";
  const duration = formatText(durationMs, "ms");
  return (
    <li class="waterfall-row" title={`${span.name}, ${duration}${hasFailed ? ", failed" : ""}`}>
      <span class="waterfall-name" style={{ paddingLeft: `${depth * 14}px` }}>
        {hasFailed && (
          <span class="failed-mark" role="img" aria-label="failed">
            !
          </span>
        )}
        {span.name}
      </span>
      <span class="waterfall-duration">{duration}</span>
      <span class="waterfall-track" aria-hidden="true">
        <span
          class="waterfall-bar"
          style={{
            left: `${start * 100}%`,
            width: `max(2px, ${length * 100}%)`,
            backgroundColor: colour,
          }}
        />
      </span>
    </li>
  );
}
