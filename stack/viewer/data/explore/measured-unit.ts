import { type Contract, grafanaUnit } from "#contract";
import { type Frame, numbersOf } from "../frame.ts";
import { stepOf } from "../series.ts";

const durations: ReadonlySet<string> = new Set(["duration", "span:duration", "trace:duration"]);

/** Grafana's name of the unit in which a metrics query answers; undefined for a number of things. */
export function measuredUnit(
  query: string,
  { attributes }: Pick<Contract, "attributes">,
): string | undefined {
  if (/\|\s*rate\s*\(/.test(query)) {
    return "suffix: /s";
  }
  const [, field = ""] =
    /\|\s*(?:min|max|avg|sum|quantile)_over_time\s*\(([^,)]*)/.exec(query) ?? [];
  const name = field.trim();
  if (durations.has(name)) {
    return "s";
  }
  const key = name.replace(/^(span|resource)?\./, "");
  const unit = Object.values(attributes).find((attribute) => attribute.key === key)?.unit;
  return unit === undefined ? undefined : grafanaUnit(unit);
}

/** For so many steps a line goes on without a value. */
const stepsOfSilence = 5;

/** The answer with the unit on its values, and no line where for long there was none. */
export function measured(frames: readonly Frame[], unit: string | undefined): Frame[] {
  const times = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === "time"));
  const step = stepOf(times.map((field) => ({ times: numbersOf(field).map((ms) => ms ?? 0) })));
  const silenceMs = step === undefined ? undefined : step * stepsOfSilence;
  const custom = { insertNulls: silenceMs, spanNulls: silenceMs };
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === "number"
        ? { ...field, config: { ...field.config, ...(unit === undefined ? {} : { unit }), custom } }
        : field,
    ),
  }));
}
