import { legendRows } from "../../data/legend-rows.ts";
import type { Series } from "../../data/series.ts";
import { formatText } from "../../data/units.ts";

/** As Grafana has them. */
export interface LegendOptions {
  readonly showLegend?: boolean;
  readonly displayMode?: string;
  readonly placement?: string;
  readonly calcs?: readonly string[];
  readonly sortBy?: string;
  readonly sortDesc?: boolean;
}

interface LegendProps {
  readonly series: readonly Series[];
  readonly options: LegendOptions;
  /** The names of those that are shown; empty for all. */
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

/**
 * The names of the series, and in a table what they come to. One that is pressed is shown alone; with Ctrl
 * or Shift, beside others.
 */
export function Legend({ series, options, chosen, onChosen }: LegendProps) {
  const press = (name: string, isAdded: boolean) => {
    if (!isAdded) {
      onChosen(chosen.size === 1 && chosen.has(name) ? new Set() : new Set([name]));
      return;
    }
    const others = new Set(chosen);
    if (!others.delete(name)) {
      others.add(name);
    }
    onChosen(others.size === series.length ? new Set() : others);
  };
  const isTable = options.displayMode === "table";
  const { calcs = [], sortBy, sortDesc = false } = options;
  const { columns, rows } = legendRows(series, isTable ? calcs : [], { sortBy, sortDesc });
  return (
    <ul class={isTable ? "legend legend-table" : "legend"} aria-label="Series">
      {columns.length > 0 && (
        <li class="legend-head" aria-hidden="true">
          {columns.join(" · ")}
        </li>
      )}
      {rows.map(({ series: { name, colour, dash, field }, values }, index) => (
        <li key={`${index} ${name}`}>
          <button
            type="button"
            aria-pressed={chosen.has(name)}
            class={chosen.size > 0 && !chosen.has(name) ? "legend-entry off" : "legend-entry"}
            title={name}
            onClick={(event) => press(name, event.ctrlKey || event.metaKey || event.shiftKey)}
          >
            <span
              class={dash === undefined ? "swatch" : "swatch dashed"}
              style={dash === undefined ? { backgroundColor: colour } : { color: colour }}
            />{" "}
            <span class="legend-name">{name}</span>
            {values.map((value, column) => (
              <span class="legend-value" key={columns[column]}>
                {value === null ? "" : formatText(value, field.config.unit, field.config.decimals)}
              </span>
            ))}
          </button>
        </li>
      ))}
    </ul>
  );
}
