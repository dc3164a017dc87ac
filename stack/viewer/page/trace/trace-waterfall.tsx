import { useEffect, useRef } from "preact/hooks";
import type { LogRow } from "../../data/log-rows.ts";
import type { TraceStory } from "../../data/trace/trace-story.ts";
import type { WaterfallRow } from "../../data/waterfall.ts";
import { SpanLine, TimeAxis } from "../waterfall/waterfall.tsx";
import { SpanDetails } from "./span-details.tsx";

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
      <TimeAxis durationMs={durationMs} />
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
  const { span } = row;
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
        <SpanLine row={row} brokenRules={violations.map(({ rule }) => rule)} logMarks={logMarks} />
      </button>
      {isOpen && (
        <SpanDetails span={span} violations={violations} startMs={story.waterfall.startMs} />
      )}
    </li>
  );
}
