import { useEffect, useRef } from "preact/hooks";
import type { LogRow } from "../../data/log-rows.ts";
import type { TraceStory } from "../../data/trace/trace-story.ts";
import { formatText } from "../../data/units.ts";
import type { WaterfallRow } from "../../data/waterfall.ts";
import { useTheme } from "../shell/theme.ts";
import { SpanDetails } from "./span-details.tsx";
import { stageColourOf } from "./stage-colour.ts";

interface TraceWaterfallProps {
  readonly story: TraceStory;
  readonly logs: readonly LogRow[];
  readonly openSpanId: string | undefined;
  readonly onSpan: (spanId: string | undefined) => void;
}

/** The spans as a tree over the trace's time; one of them may be open with all that it says. */
export function TraceWaterfall({ story, logs, openSpanId, onSpan }: TraceWaterfallProps) {
  const { rows, startMs, durationMs } = story.waterfall;
  const partOf = (timeMs: number) => Math.min(1, Math.max(0, (timeMs - startMs) / durationMs));
  return (
    <section class="trace-spans" aria-label="Spans">
      <div class="time-axis" aria-hidden="true">
        <span />
        <span class="time-marks">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <span key={part}>{formatText(durationMs * part, "ms")}</span>
          ))}
        </span>
      </div>
      <ol class="span-tree" onKeyDown={moveWithArrows}>
        {rows.map((row) => (
          <SpanRow
            key={row.span.spanId}
            row={row}
            story={story}
            logMarks={logs
              .filter(({ spanId }) => spanId === row.span.spanId)
              .map((line) => partOf(line.timeMs))}
            isOpen={row.span.spanId === openSpanId}
            onSpan={onSpan}
          />
        ))}
      </ol>
    </section>
  );
}

/** Up and down go from span to span, as in a list. */
function moveWithArrows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>(".span-button")];
  const place = buttons.indexOf(document.activeElement as HTMLElement);
  if (step !== undefined && place !== -1) {
    event.preventDefault();
    buttons[place + step]?.focus();
  }
}

interface SpanRowProps extends Pick<TraceWaterfallProps, "story" | "onSpan"> {
  readonly row: WaterfallRow;
  /** Where the span's log lines are, in parts of the trace. */
  readonly logMarks: readonly number[];
  readonly isOpen: boolean;
}

function SpanRow({ row, story, logMarks, isOpen, onSpan }: SpanRowProps) {
  const { span, depth, durationMs } = row;
  const violations = story.violationsBySpan.get(span.spanId) ?? [];
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) {
      element.current?.scrollIntoView({ block: "nearest" });
    }
  }, [isOpen]);
  return (
    <li ref={element} class={isOpen ? "open" : ""} data-span-id={span.spanId}>
      <button
        type="button"
        class="span-button"
        aria-expanded={isOpen}
        onClick={() => onSpan(isOpen ? undefined : span.spanId)}
      >
        <span class="span-name" style={{ paddingLeft: `${Math.min(depth, 12) * 14}px` }}>
          {span.status.code === "error" && <Mark class="failed-mark" sign="!" label="failed" />}
          {violations.length > 0 && (
            <Mark
              class="violation-mark"
              sign="✗"
              label={`breaks ${violations.map(({ rule }) => rule).join(", ")}`}
            />
          )}
          {span.name}
        </span>
        <Track row={row} logMarks={logMarks} duration={formatText(durationMs, "ms")} />
      </button>
      {isOpen && (
        <SpanDetails span={span} violations={violations} startMs={story.waterfall.startMs} />
      )}
    </li>
  );
}

function Mark({ label, sign, ...props }: { class: string; sign: string; label: string }) {
  return (
    <span class={props.class} role="img" aria-label={label} title={label}>
      {sign}
    </span>
  );
}

interface TrackProps {
  readonly row: WaterfallRow;
  readonly logMarks: readonly number[];
  readonly duration: string;
}

function Track({ row: { span, start, length }, logMarks, duration }: TrackProps) {
  const theme = useTheme();
  // Behind the bar, or before it where there is no room.
  const isBefore = start + length > 0.8 && start > 0.2;
  const place = isBefore
    ? { right: `${(1 - start) * 100}%` }
    : { left: `${Math.min(0.8, start + length) * 100}%` };
  return (
    <span class="span-track">
      <span
        class="span-bar"
        style={{
          left: `${start * 100}%`,
          width: `max(2px, ${length * 100}%)`,
          backgroundColor: stageColourOf(span.name, theme),
        }}
      />
      {logMarks.map((part, index) => (
        <span key={index} class="log-mark" style={{ left: `${part * 100}%` }} title="A log line" />
      ))}
      <span
        class={`span-duration ${!isBefore && start + length > 0.8 ? "inside" : ""}`}
        style={place}
      >
        {duration}
      </span>
    </span>
  );
}
