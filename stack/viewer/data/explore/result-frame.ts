import { displayNameOf, type Field, type Frame } from "../frame.ts";

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
        values: numbers.map((field) => (field === undefined ? "" : displayNameOf(field))),
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
