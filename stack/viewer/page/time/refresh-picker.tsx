import { useEffect } from "preact/hooks";
import { parseInterval } from "../../data/time-range.ts";
import { Icon } from "../shell/icon.tsx";

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
