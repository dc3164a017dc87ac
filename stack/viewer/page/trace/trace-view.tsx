import { useMemo, useState } from "preact/hooks";
import { miniserve } from "#contract";
import { localTime } from "../../data/time-range.ts";
import { type TraceStory, traceFile, traceStory } from "../../data/trace/trace-story.ts";
import { formatText } from "../../data/units.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { Message } from "../shell/message.tsx";
import { DownloadButton } from "./download-button.tsx";
import { type LoadedTrace, loadTrace } from "./load-trace.ts";
import { TraceLogs } from "./trace-logs.tsx";
import { TraceWaterfall } from "./trace-waterfall.tsx";
import { ViolationList } from "./violation-list.tsx";

interface TraceViewProps {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that is open at first. */
  readonly firstSpanId: string | undefined;
}

/** A trace: its spans over time, what is wrong with them, and the request's log lines beside them. */
export function TraceView({ traceId, firstSpanId }: TraceViewProps) {
  const [asked, setAsked] = useState(0);
  const loaded = useLoaded(`${traceId} ${asked}`, (signal) => loadTrace(traceId, signal));
  if (loaded.phase === "loading") {
    return <Message title="Loading the trace …" />;
  }
  const askAgain = (
    <button type="button" class="button" onClick={() => setAsked((count) => count + 1)}>
      Ask again
    </button>
  );
  if (loaded.phase === "failed") {
    return (
      <Message kind="error" title={loaded.error.message}>
        {askAgain}
      </Message>
    );
  }
  if (loaded.value.spans.length === 0) {
    return (
      <Message title={`The store has no trace ${traceId}.`}>
        <p>A request's spans arrive a moment after its answer.</p>
        {askAgain}
      </Message>
    );
  }
  return <ShownTrace traceId={traceId} trace={loaded.value} firstSpanId={firstSpanId} />;
}

interface ShownTraceProps extends TraceViewProps {
  readonly trace: LoadedTrace;
}

function ShownTrace({ traceId, trace, firstSpanId }: ShownTraceProps) {
  const story = useMemo(() => traceStory(miniserve, trace.spans), [trace]);
  const [openSpanId, setOpenSpanId] = useState(firstSpanId);
  return (
    <article class="trace" aria-label={`Trace ${traceId}`}>
      <TraceHead traceId={traceId} story={story} trace={trace} />
      {trace.faults.length > 0 && (
        <Message kind="warning" title="Parts of the store's answer could not be read:">
          <p>{trace.faults.join("; ")}</p>
        </Message>
      )}
      <ViolationList story={story} onSpan={setOpenSpanId} />
      <div class="trace-columns">
        <TraceWaterfall
          story={story}
          logs={trace.logs}
          openSpanId={openSpanId}
          onSpan={setOpenSpanId}
        />
        <TraceLogs trace={trace} story={story} openSpanId={openSpanId} onSpan={setOpenSpanId} />
      </div>
    </article>
  );
}

interface TraceHeadProps {
  readonly traceId: string;
  readonly story: TraceStory;
  readonly trace: LoadedTrace;
}

function TraceHead({ traceId, story, trace }: TraceHeadProps) {
  const { waterfall, services, hiddenCount } = story;
  const failedCount = trace.spans.filter(({ status }) => status.code === "error").length;
  const facts = [
    `${trace.spans.length} ${trace.spans.length === 1 ? "span" : "spans"}`,
    formatText(waterfall.durationMs, "ms"),
    localTime(waterfall.startMs, { withMilliseconds: true }),
    services.filter((name) => name !== "").join(", "),
    ...(failedCount === 0 ? [] : [`${failedCount} failed`]),
    ...(hiddenCount === 0 ? [] : [`${hiddenCount} with the id of another, not in the tree`]),
  ];
  return (
    <header class="trace-head">
      <div>
        <h1>{waterfall.rows[0]?.span.name}</h1>
        <p class="weak">
          <code>{traceId}</code>
        </p>
        <p class="trace-facts">
          {facts
            .filter((fact) => fact !== "")
            .map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
        </p>
      </div>
      <DownloadButton name={`${traceId}.json`} contentOf={() => traceFile(trace.spans)} />
    </header>
  );
}
