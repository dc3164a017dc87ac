import { colourOf } from "../../data/colours.ts";
import { displayOf } from "../../data/display.ts";
import { displayNameOf } from "../../data/frame.ts";
import { reducerOf } from "../../data/reducers.ts";
import type { PanelViewProps } from "./panel-view.ts";

/** A bar for each series, as long as its one value is large. */
export function BarGauge({ panel, frames, theme }: PanelViewProps) {
  const { reduceOptions } = panel.options ?? {};
  const [calculation = "lastNotNull"] =
    (reduceOptions as { calcs?: readonly string[] } | undefined)?.calcs ?? [];
  const reduce = reducerOf(calculation)?.reduce ?? (() => null);
  const bars = frames.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === "number")
      .map((field) => ({ field, name: displayNameOf(frame, field), value: reduce(field.values) })),
  );
  const most = Math.max(
    ...bars.map(({ field, value }) => field.config.max ?? (typeof value === "number" ? value : 0)),
  );
  return (
    <ul class="bar-gauge">
      {bars.map(({ field, name, value }) => {
        const { text, suffix, colour } = displayOf(value, field, theme);
        const { color } = field.config;
        const fixed = color?.fixedColor;
        const part = typeof value === "number" && most > 0 ? Math.max(0, value / most) : 0;
        const fill =
          fixed === undefined ? (colour ?? colourOf("green", theme)) : colourOf(fixed, theme);
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
