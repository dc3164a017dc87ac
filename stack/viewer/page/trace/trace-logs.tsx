import type { LogRow } from "../../data/log-rows.ts";
import { localTime } from "../../data/time-range.ts";
import type { TraceStory } from "../../data/trace/trace-story.ts";
import { formatText } from "../../data/units.ts";
import { useTheme } from "../shell/theme.ts";
import { stageColourOf } from "../waterfall/stage-colour.ts";
import type { LoadedTrace } from "./load-trace.ts";

interface TraceLogsProps {
  readonly trace: LoadedTrace;
  readonly story: TraceStory;
  readonly openSpanId: string | undefined;
  readonly onSpan: (spanId: string) => void;
}

/** The request's lines in the server's log, the oldest first, each with the span that it was in. */
export function TraceLogs({ trace, story, openSpanId, onSpan }: TraceLogsProps) {
  const { logs, logFault } = trace;
  return (
    <section class="trace-logs" aria-label="Log lines">
      <h2>
        Log <span class="weak">{logs.length === 1 ? "1 line" : `${logs.length} lines`}</span>
      </h2>
      {logFault !== undefined && <p class="weak">{logFault}</p>}
      {logFault === undefined && logs.length === 0 && (
        <p class="weak">The server's log has no line of this trace.</p>
      )}
      <ol>
        {logs.map((row, place) => (
          <Line
            key={place}
            row={row}
            story={story}
            isOfOpenSpan={row.spanId !== undefined && row.spanId === openSpanId}
            onSpan={onSpan}
          />
        ))}
      </ol>
    </section>
  );
}

interface LineProps extends Pick<TraceLogsProps, "story" | "onSpan"> {
  readonly row: LogRow;
  readonly isOfOpenSpan: boolean;
}

function Line({ row, story, isOfOpenSpan, onSpan }: LineProps) {
  const theme = useTheme();
  const span = story.waterfall.rows.find((one) => one.span.spanId === row.spanId)?.span;
  const level = /^(error|fatal|warn)$/.test(row.level) ? row.level : "other";
  return (
    <li class={`trace-line level-${level} ${isOfOpenSpan ? "of-open-span" : ""}`}>
      <div class="trace-line-head">
        <time title={localTime(row.timeMs, { withMilliseconds: true })}>
          {offsetText(row.timeMs - story.waterfall.startMs)}
        </time>
        <span class="log-level">{row.level}</span>
        <strong>{row.event}</strong>
        {span !== undefined && (
          <button type="button" class="link-button" onClick={() => onSpan(span.spanId)}>
            <span
              class="swatch"
              style={{ backgroundColor: stageColourOf(span.name, theme) }}
              aria-hidden="true"
            />{" "}
            {span.name}
          </button>
        )}
      </div>
      <dl class="line-fields">
        {Object.entries(row.fields).map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** From the start of the trace on. The log counts in whole milliseconds. */
function offsetText(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${formatText(Math.abs(ms), "ms")}`;
}
