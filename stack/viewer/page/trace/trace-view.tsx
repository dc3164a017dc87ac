import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { datasourceUids, readOtlpJson, type Span } from "#contract";
import { type LogRow, logRows, type StreamsAnswer } from "../../data/log-rows.ts";
import { localTime } from "../../data/time-range.ts";
import {
  createLogQuery,
  type TraceStory,
  traceFile,
  traceStory,
} from "../../data/trace/trace-details.ts";
import { formatText } from "../../data/units.ts";
import type { WaterfallRow } from "../../data/waterfall.ts";
import { getJson, useLoaded } from "../api/load.ts";
import { contracts } from "../services.ts";
import { Message } from "../shell/message.tsx";
import { useTheme } from "../shell/theme.ts";
import { getStageColour, SpanLine, TimeAxis } from "../waterfall/waterfall.tsx";
import { SpanDetails, ViolationList } from "./span-details.tsx";

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
        <p>
          A request's spans arrive a moment after its answer. Old ones are deleted: the setting
          STACK_KEEP_HOURS says when.
        </p>
        <p class="ways-on">
          {askAgain} <a href="/explore">Look for other traces</a>
        </p>
      </Message>
    );
  }
  return <ShownTrace traceId={traceId} trace={loaded.value} firstSpanId={firstSpanId} />;
}

interface ShownTraceProps extends TraceViewProps {
  readonly trace: LoadedTrace;
}

function ShownTrace({ traceId, trace, firstSpanId }: ShownTraceProps) {
  const story = useMemo(() => traceStory(contracts, trace.spans), [trace]);
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
      <DownloadButton name={`${traceId}.json`} createContent={() => traceFile(trace.spans)} />
    </header>
  );
}

interface DownloadButtonProps {
  readonly name: string;
  readonly createContent: () => string;
}

/** Gives the browser a JSON file to keep. */
function DownloadButton({ name, createContent }: DownloadButtonProps) {
  const download = () => {
    const address = URL.createObjectURL(new Blob([createContent()], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <button type="button" class="button" onClick={download} title={`Download ${name} as OTLP JSON`}>
      Download JSON
    </button>
  );
}

interface TraceWaterfallProps {
  readonly story: TraceStory;
  readonly logs: readonly LogRow[];
  readonly openSpanId: string | undefined;
  readonly onSpan: (spanId: string | undefined) => void;
}

/** The spans as a tree over the trace's time; one of them may be open with all that it says. */
function TraceWaterfall({ story, logs, openSpanId, onSpan }: TraceWaterfallProps) {
  const { rows, startMs, durationMs } = story.waterfall;
  const toFraction = (timeMs: number) => Math.min(1, Math.max(0, (timeMs - startMs) / durationMs));
  return (
    <section class="trace-spans" aria-label="Spans">
      <TimeAxis durationMs={durationMs} hint="Open a span to see what it says" />
      <ol class="span-tree" onKeyDown={moveWithArrows}>
        {rows.map((row) => (
          <SpanRow
            key={row.span.spanId}
            row={row}
            story={story}
            logMarks={logs
              .filter(({ spanId }) => spanId === row.span.spanId)
              .map((line) => toFraction(line.timeMs))}
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

interface TraceLogsProps {
  readonly trace: LoadedTrace;
  readonly story: TraceStory;
  readonly openSpanId: string | undefined;
  readonly onSpan: (spanId: string) => void;
}

/** The request's lines in the server's log, the oldest first, each with the span that it was in. */
function TraceLogs({ trace, story, openSpanId, onSpan }: TraceLogsProps) {
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
              style={{ backgroundColor: getStageColour(span, theme) }}
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

interface LoadedTrace {
  readonly spans: readonly Span[];
  /** Parts of the answer that could not be read, a sentence each. */
  readonly faults: readonly string[];
  readonly logs: readonly LogRow[];
  /** Why there can be no lines; undefined when the log answered. */
  readonly logFault: string | undefined;
}

/** The spans of a trace and its log lines. @throws RequestError when the store does not give it. */
async function loadTrace(traceId: string, signal: AbortSignal): Promise<LoadedTrace> {
  const [answer, log] = await Promise.all([
    getJson<unknown>(`${proxied(datasourceUids.tempo)}/api/v2/traces/${traceId}`, signal),
    loadLogs(traceId, signal),
  ]);
  const { spans, faults } = readOtlpJson(answer);
  return {
    spans,
    faults: faults.map(({ path, seen, expected }) => `${path}: ${seen} instead of ${expected}`),
    ...log,
  };
}

/** A trace is worth looking at without its lines, too. */
async function loadLogs(
  traceId: string,
  signal: AbortSignal,
): Promise<Pick<LoadedTrace, "logs" | "logFault">> {
  const parameters = new URLSearchParams({
    query: createLogQuery(contracts, traceId),
    limit: "1000",
  });
  const path = `${proxied(datasourceUids.loki)}/loki/api/v1/query_range?${parameters}`;
  try {
    return { logs: logRows(await getJson<StreamsAnswer>(path, signal)), logFault: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { logs: [], logFault: (error as Error).message };
  }
}

function proxied(uid: string): string {
  return `/api/datasources/proxy/uid/${uid}`;
}
