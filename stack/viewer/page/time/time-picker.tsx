import { useEffect, useState } from "preact/hooks";
import type { QuickRange, RawRange } from "../../data/dashboard.ts";
import {
  describeRange,
  localTime,
  parseInterval,
  parseTime,
  type TimeRange,
} from "../../data/time-range.ts";
import { Icon } from "../shell/icon.tsx";
import { Popover } from "../shell/popover.tsx";

interface TimePickerProps {
  readonly raw: RawRange;
  readonly range: TimeRange;
  readonly quickRanges: readonly QuickRange[];
  readonly onChange: (raw: RawRange) => void;
}

/** Chooses the time range: one of a list, or two times as Grafana writes them. */
export function TimePicker({ raw, range, quickRanges, onChange }: TimePickerProps) {
  const zoomOut = () => {
    const halfMs = (range.toMs - range.fromMs) / 2;
    const [fromMs, toMs] = [range.fromMs - halfMs, range.toMs + halfMs];
    onChange({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)) });
  };
  return (
    <div class="button-group">
      <Popover
        label={`Time range: ${describeRange(raw)}. Change it`}
        button={
          <>
            <Icon name="clock" />
            <span>{describeRange(raw)}</span>
            <Icon name="chevron" />
          </>
        }
      >
        {(close) => (
          <div class="time-choice">
            <AbsoluteRange
              range={range}
              raw={raw}
              onChange={(chosen) => {
                onChange(chosen);
                close();
              }}
            />
            <ul class="choice-list" aria-label="Usual ranges">
              {quickRanges.map((quick) => (
                <li key={quick.display}>
                  <button
                    type="button"
                    class="choice"
                    aria-pressed={quick.from === raw.from && quick.to === raw.to}
                    onClick={() => {
                      onChange({ from: quick.from, to: quick.to });
                      close();
                    }}
                  >
                    {quick.display}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Popover>
      <button
        type="button"
        class="button"
        onClick={zoomOut}
        aria-label="Twice the time range"
        title="Twice the time range"
      >
        <Icon name="zoomOut" />
      </button>
    </div>
  );
}

interface AbsoluteRangeProps {
  readonly raw: RawRange;
  readonly range: TimeRange;
  readonly onChange: (raw: RawRange) => void;
}

function AbsoluteRange({ raw, range, onChange }: AbsoluteRangeProps) {
  const [from, setFrom] = useState(written(raw.from, range.fromMs));
  const [to, setTo] = useState(written(raw.to, range.toMs));
  const nowMs = Date.now();
  const fromMs = parseTime(from, nowMs, "start");
  const toMs = parseTime(to, nowMs, "end");
  const fault =
    fromMs === undefined || toMs === undefined
      ? "Write a time as 2026-11-26 10:00, now, or now-1h."
      : fromMs >= toMs
        ? "The end is not after the start."
        : undefined;
  const apply = () => {
    if (fault === undefined) {
      onChange({ from: asAddress(from, fromMs), to: asAddress(to, toMs) });
    }
  };
  return (
    <form
      class="absolute-range"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label>
        From
        <input value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        To
        <input value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      <p class="fault" role="status">
        {fault}
      </p>
      <button type="submit" class="button primary" disabled={fault !== undefined}>
        Apply
      </button>
    </form>
  );
}

function written(text: string, ms: number): string {
  return text.startsWith("now") ? text : localTime(ms);
}

/** Relative times stay so; any other becomes milliseconds, which mean the same in every zone. */
function asAddress(text: string, ms: number | undefined): string {
  return text.trim().startsWith("now") ? text.trim() : String(ms);
}

interface RefreshPickerProps {
  /** Such as `30s`; "" for never. */
  readonly interval: string;
  readonly intervals: readonly string[];
  readonly onInterval: (interval: string) => void;
  readonly onRefresh: () => void;
}

/** Asks again: now, or every so often while the page is looked at. */
export function RefreshPicker(props: RefreshPickerProps) {
  const { interval, intervals, onInterval, onRefresh } = props;
  const everyMs = parseInterval(interval);
  useEffect(() => {
    if (everyMs === undefined) {
      return;
    }
    const timer = setInterval(
      () => {
        if (document.visibilityState === "visible") {
          onRefresh();
        }
      },
      Math.max(1_000, everyMs),
    );
    return () => clearInterval(timer);
  }, [everyMs, onRefresh]);
  const offered =
    interval === "" || intervals.includes(interval) ? intervals : [interval, ...intervals];
  return (
    <div class="button-group">
      <button
        type="button"
        class="button"
        onClick={onRefresh}
        aria-label="Ask again"
        title="Ask again"
      >
        <Icon name="refresh" />
      </button>
      <select
        class="button"
        aria-label="Ask again every"
        value={interval}
        onChange={(event) => onInterval(event.currentTarget.value)}
      >
        <option value="">Off</option>
        {offered.map((offer) => (
          <option key={offer} value={offer}>
            {offer}
          </option>
        ))}
      </select>
    </div>
  );
}
