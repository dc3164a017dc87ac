import { resolveColour } from "../../data/colours.ts";
import { fieldValues } from "../../data/field-values.ts";
import type { PanelViewProps } from "./panel-view.ts";

/** A bar for each series, as long as its one value is large. */
export function BarGauge({ panel, frames, theme }: PanelViewProps) {
  const bars = fieldValues(panel, frames, theme);
  const most = Math.max(
    ...bars.map(({ source, value }) => source?.field.config.max ?? Number(value)),
  );
  return (
    <ul class="bar-gauge">
      {bars.map(({ name, value, display: { text, suffix, colour } }) => {
        const part = typeof value === "number" && most > 0 ? Math.max(0, value / most) : 0;
        const fill = colour ?? resolveColour("green", theme);
        return (
          <li key={name}>
            <span class="bar-name" title={name}>
              {name}
            </span>
            <span class="bar-track" aria-hidden="true">
              <span class="bar-fill" style={{ width: `${part * 100}%`, backgroundColor: fill }} />
            </span>
            <span class="bar-value">
              {text}
              {suffix}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
