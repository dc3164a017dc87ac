import type { Series } from "../../data/series.ts";

interface LegendProps {
  readonly series: readonly Pick<Series, "name" | "colour">[];
  /** The names of those that are shown; empty for all. */
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

/** The names of the series. One that is pressed is shown alone; with Ctrl or Shift, beside others. */
export function Legend({ series, chosen, onChosen }: LegendProps) {
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
  return (
    <ul class="legend" aria-label="Series">
      {series.map(({ name, colour }, index) => (
        <li key={`${index} ${name}`}>
          <button
            type="button"
            aria-pressed={chosen.has(name)}
            class={chosen.size > 0 && !chosen.has(name) ? "legend-entry off" : "legend-entry"}
            title={name}
            onClick={(event) => press(name, event.ctrlKey || event.metaKey || event.shiftKey)}
          >
            <span class="swatch" style={{ backgroundColor: colour }} /> {name}
          </button>
        </li>
      ))}
    </ul>
  );
}
