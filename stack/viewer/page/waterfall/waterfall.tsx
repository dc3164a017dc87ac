import type { ComponentChildren } from "preact";
import { findContract, type Span, stageColour } from "#contract";
import { resolveColour, type Theme, textColourOn } from "../../data/colours.ts";
import { formatText } from "../../data/units.ts";
import type { WaterfallRow } from "../../data/waterfall.ts";
import { contracts } from "../services.ts";
import { useTheme } from "../shell/theme.ts";

/** The time of a trace above its spans. */
export function TimeAxis({
  durationMs,
  hint = "",
}: {
  readonly durationMs: number;
  /** What can be done with the spans below. */
  readonly hint?: string;
}) {
  return (
    <div class="time-axis" aria-hidden="true">
      <span class="time-hint">{hint}</span>
      <span class="time-marks">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{formatText(durationMs * part, "ms")}</span>
        ))}
      </span>
    </div>
  );
}

interface SpanLineProps {
  readonly row: WaterfallRow;
  /** The rules of the contract that the span breaks. */
  readonly brokenRules?: readonly string[];
  /** Where the span's log lines are, in parts of the trace. */
  readonly logMarks?: readonly number[];
}

/** A span in one line: its name at its depth, and its bar over the trace's time. */
export function SpanLine({ row, brokenRules = [], logMarks = [] }: SpanLineProps) {
  const { span, depth } = row;
  return (
    <>
      <span class="span-name" style={{ paddingLeft: `${Math.min(depth, 12) * 14}px` }}>
        {span.status.code === "error" && <Mark class="failed-mark" sign="!" label="failed" />}
        {brokenRules.length > 0 && (
          <Mark class="violation-mark" sign="✗" label={`breaks ${brokenRules.join(", ")}`} />
        )}
        {span.name}
      </span>
      <Track row={row} logMarks={logMarks} />
    </>
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
}

function Track({ row: { span, start, length, durationMs }, logMarks }: TrackProps) {
  const colour = getStageColour(span, useTheme());
  return (
    <span class="span-track">
      <span
        class="span-bar"
        style={{
          left: `${start * 100}%`,
          width: `max(2px, ${length * 100}%)`,
          backgroundColor: colour,
        }}
      />
      {logMarks.map((part, index) => (
        <span key={index} class="log-mark" style={{ left: `${part * 100}%` }} title="A log line" />
      ))}
      <DurationLabel start={start} length={length} colour={colour}>
        {formatText(durationMs, "ms")}
      </DurationLabel>
    </span>
  );
}

interface DurationLabelProps {
  readonly start: number;
  readonly length: number;
  /** Of the bar. */
  readonly colour: string;
  readonly children: ComponentChildren;
}

/** Behind the bar; where there is no room, before it, and where there is none either, in it. */
function DurationLabel({ start, length, colour, children }: DurationLabelProps) {
  const end = start + length;
  if (end <= roomBehind) {
    return (
      <span class="span-duration" style={{ left: `${end * 100}%` }}>
        {children}
      </span>
    );
  }
  const isBefore = start > 1 - roomBehind;
  const place = isBefore
    ? { right: `${(1 - start) * 100}%` }
    : { right: `${(1 - end) * 100}%`, color: textColourOn(colour) };
  return (
    <span class="span-duration" style={place}>
      {children}
    </span>
  );
}

/** A bar that ends later leaves no room for its duration behind it. */
const roomBehind = 0.8;

/** The request as a whole stands behind its stages. */
const rootColour = { dark: "#7c8798", light: "#8993a2" } as const;

/** The colour of a span by its name; that of text for one that the contract does not know. */
export function getStageColour(span: Span, theme: Theme): string {
  const contract = findContract(contracts, span);
  const stage = Object.values(contract?.spans ?? {}).find(({ name }) => name === span.name);
  if (contract === undefined || stage === undefined) {
    return resolveColour("text", theme);
  }
  return stage.parent === null
    ? rootColour[theme]
    : resolveColour(stageColour(contract, stage), theme);
}
