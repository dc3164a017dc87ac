import type { LogRow } from "../../data/log-rows.ts";
import { localTime } from "../../data/time-range.ts";
import type { PanelViewProps } from "./panel-view.ts";

/** Lines of a log, in the order that the panel asks for. */
export function Logs({ panel, data }: PanelViewProps) {
  const isAscending = panel.options?.sortOrder === "Ascending";
  const rows = isAscending ? data.logs : data.logs.toReversed();
  return <LogLines rows={rows} label={`${panel.title}: lines`} />;
}

interface LogLinesProps {
  readonly rows: readonly LogRow[];
  readonly label: string;
}

function LogLines({ rows, label }: LogLinesProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section class="log-lines" tabIndex={0} aria-label={label}>
      {rows.map((row, index) => (
        <div
          key={index}
          class={`log-line level-${/^(error|fatal|warn)$/.test(row.level) ? row.level : "other"}`}
        >
          <time>{localTime(row.timeMs, { withMilliseconds: true })}</time>
          <span class="log-level">{row.level}</span>
          <strong>{row.event}</strong>
          <span class="log-fields">
            {Object.entries(row.fields).map(([key, value]) => (
              <span key={key}>
                <span class="weak">{key}=</span>
                {typeof value === "string" ? value : JSON.stringify(value)}{" "}
              </span>
            ))}
          </span>
        </div>
      ))}
    </section>
  );
}
