import { type Contract, grafanaUnit } from "#contract";
import { isDurationField, parseMetricsStage } from "#traceql";
import { type Field, type Frame, getDisplayName, toNumbers } from "../frame.ts";
import { computeStep } from "../series.ts";

/** A search or the single values of a metrics query as one table, in which a span leads to its trace. */
export function resultFrame(kind: "search" | "instant", frames: readonly Frame[]): Frame {
  const [first = { fields: [] }] = frames;
  return kind === "search" ? withTraceColumn(first) : valuesTable(frames);
}

const traceLink = {
  title: "Open the trace at this span",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are Grafana's variables.
  url: '/trace/${__data.fields["traceIdHidden"]}?span=${__data.fields["spanID"]}',
};

/** The trace's id is in the first column, where it is looked for. */
function withTraceColumn(frame: Frame): Frame {
  const hidden = frame.fields.find(({ name }) => name === "traceIdHidden");
  if (hidden === undefined) {
    return frame;
  }
  const trace: Field = {
    ...hidden,
    name: "trace",
    config: { displayName: "Trace", links: [traceLink] },
  };
  const isShown = ({ name }: Field) => name !== "spanID";
  const others = frame.fields.map((field) =>
    isShown(field)
      ? field
      : { ...field, config: { ...field.config, custom: { hideFrom: { viz: true } } } },
  );
  return { ...frame, fields: [trace, ...others] };
}

/** A row a series: its labels, and its value. */
function valuesTable(frames: readonly Frame[]): Frame {
  const numbersIn = ({ fields }: Frame) => fields.find(({ type }) => type === "number");
  const numbers = frames.map(numbersIn);
  return {
    fields: [
      {
        name: "series",
        type: "string",
        values: numbers.map((field) => (field === undefined ? "" : getDisplayName(field))),
        config: { displayName: "Series" },
      },
      {
        name: "value",
        type: "number",
        values: numbers.map((field) => field?.values[0] ?? null),
        config: { ...numbers[0]?.config, displayName: "Value" },
      },
    ],
  };
}

/** Grafana's name of the unit in which a metrics query answers; undefined for a number of things. */
export function measuredUnit(
  query: string,
  contracts: readonly Pick<Contract, "attributes">[],
): string | undefined {
  const stage = parseMetricsStage(query);
  if (stage?.function === "rate") {
    return "suffix: /s";
  }
  if (!stage?.of || stage.function === "histogram_over_time") {
    return undefined;
  }
  if (isDurationField(stage.of)) {
    return "s";
  }
  const { name } = stage.of;
  const unit = contracts
    .flatMap(({ attributes }) => Object.values(attributes))
    .find(({ key }) => key === name)?.unit;
  return unit === undefined ? undefined : grafanaUnit(unit);
}

/** For so many steps a line goes on without a value. */
const stepsOfSilence = 5;

/** The answer with the unit on its values, and no line where for long there was none. */
export function measured(frames: readonly Frame[], unit: string | undefined): Frame[] {
  const times = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === "time"));
  const step = computeStep(
    times.map((field) => ({ times: toNumbers(field).map((ms) => ms ?? 0) })),
  );
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
