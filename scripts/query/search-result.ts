import { counted, shortText } from "#contract";
import {
  type CommandResult,
  formatDuration,
  localClock,
  localDate,
  searchTempo,
  type TempoAttribute,
  type TempoFoundSpan,
  type TempoFoundTrace,
} from "../../stack/index.ts";
import { hintLines, nothingFound, type QueryRequest, type Screen } from "./arguments.ts";
import { type Column, cutText, drawTable, isNumber, valueText } from "./table.ts";

/** A span that was found, in texts. */
interface Row {
  readonly trace: string;
  readonly root: string;
  readonly started: string;
  readonly duration: string;
  readonly name: string;
  readonly attributes: readonly TempoAttribute[];
}

/**
 * A row for each span found. Where that is too wide, the rows of a trace stand under its id; where
 * that is too wide as well, each attribute has a line. Trace ids are always whole.
 * @param query Its text gives the attributes their order.
 */
export function searchLines(
  traces: readonly TempoFoundTrace[],
  query: string,
  columns: number,
): string[] {
  const rows = traces.flatMap(createRows);
  const found = attributeColumns(rows, query);
  return (
    wholeTable(rows, found, columns) ??
    tableByTrace(rows, found, columns) ??
    formatRowList(rows, found, columns)
  );
}

function createRows(trace: TempoFoundTrace): Row[] {
  const root = [trace.rootServiceName, trace.rootTraceName].filter(Boolean).join(" ");
  return (trace.spanSets ?? []).flatMap(({ spans = [], attributes: ofSet = [] }) =>
    spans.map((span) => ({
      trace: trace.traceID,
      root: shortText(root),
      started: startText(span),
      duration: formatDuration(BigInt(span.durationNanos ?? 0)),
      name: shortText(span.name ?? ""),
      attributes: [...ofSet, ...(span.attributes ?? [])],
    })),
  );
}

/** The time of day; of another day the day too, and no more than seconds. */
function startText({ startTimeUnixNano = "0" }: TempoFoundSpan): string {
  const date = new Date(Number(BigInt(startTimeUnixNano) / 1_000_000n));
  return localDate(date) === localDate(new Date())
    ? `${localClock(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`
    : `${localDate(date)} ${localClock(date)}`;
}

function attributeColumns(rows: readonly Row[], query: string): Column[] {
  const keys = [...new Set(rows.flatMap(({ attributes }) => attributes.map(({ key }) => key)))];
  const place = (key: string) => (query.includes(key) ? query.indexOf(key) : query.length);
  keys.sort((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
  return keys.map((key) => {
    const values = rows.map(({ attributes }) => attributes.find((has) => has.key === key)?.value);
    const isNumeric = values.every((value) => value === undefined || isNumber(value));
    return {
      heading: shortText(key),
      cells: values.map(valueText),
      align: isNumeric ? "right" : "left",
      mayBeCut: !isNumeric,
    };
  });
}

function textColumn(rows: readonly Row[], name: "trace" | "started" | "name" | "root"): Column {
  const mayBeCut = name === "name" || name === "root";
  return { heading: name, cells: rows.map((row) => row[name]), mayBeCut };
}

function durationColumn(rows: readonly Row[]): Column {
  const cells = rows.map(({ duration }) => duration);
  return { heading: "duration", cells, align: "right" };
}

/** Here nothing is cut: who wants it narrower loses nothing by the other forms. */
function wholeTable(
  rows: readonly Row[],
  attributes: readonly Column[],
  columns: number,
): string[] | undefined {
  const whole = [
    textColumn(rows, "trace"),
    textColumn(rows, "started"),
    durationColumn(rows),
    textColumn(rows, "name"),
    textColumn(rows, "root"),
    ...attributes,
  ];
  return drawTable(
    whole.map((column) => ({ ...column })),
    columns,
  );
}

const indent = "  ";

function tableByTrace(
  rows: readonly Row[],
  attributes: readonly Column[],
  columns: number,
): string[] | undefined {
  const parts = [
    textColumn(rows, "started"),
    durationColumn(rows),
    textColumn(rows, "name"),
    ...attributes,
  ];
  const lines = drawTable(parts, columns - indent.length);
  if (lines === undefined) {
    return undefined;
  }
  const headings = lines.slice(0, lines.length - rows.length);
  const drawn = lines.slice(headings.length);
  return [
    ...headings.map((line) => indent + line),
    ...rows.flatMap((row, index) => [
      ...(rows[index - 1]?.trace === row.trace ? [] : [traceLine(row, columns)]),
      `${indent}${drawn[index]}`,
    ]),
  ];
}

function traceLine({ trace, root }: Row, columns: number): string {
  return `${trace}  ${cutText(root, Math.max(1, columns - trace.length - 2))}`.trimEnd();
}

function formatRowList(
  rows: readonly Row[],
  attributes: readonly Column[],
  columns: number,
): string[] {
  const width = Math.max(...attributes.map(({ heading }) => heading.length));
  return rows.flatMap((row, index) => [
    ...(rows[index - 1]?.trace === row.trace ? [] : [traceLine(row, columns)]),
    cutText(`${indent}${row.started}  ${row.duration}  ${row.name}`.trimEnd(), columns),
    ...attributes
      .filter(({ cells }) => cells[index] !== "")
      .map(({ heading, cells }) =>
        cutText(`${indent}${indent}${heading.padEnd(width)}  ${cells[index]}`, columns),
      ),
  ]);
}

/** Asks for spans and shows them. The exit code is 1 when there are none. */
export async function runSearch(
  screen: Screen,
  asked: QueryRequest & { readonly limit: number },
): Promise<CommandResult> {
  const { tempoUrl, isGivenUrl, ...query } = asked;
  const answer = await searchTempo(tempoUrl, query);
  const [first] = answer.traces;
  if (first === undefined) {
    screen.say(nothingFound(asked), ...hintLines(answer));
    return { exitCode: 0, report: answer };
  }
  const where = isGivenUrl ? ` --tempo ${tempoUrl}` : "";
  screen.say(
    ...searchLines(answer.traces, asked.text, screen.columns),
    "",
    countSentence(answer.traces, asked.limit),
    ...hintLines(answer),
    `The first, whole: npm run trace:show -- ${first.traceID}${where}`,
    `Its data: ${tempoUrl}/api/v2/traces/${first.traceID}`,
  );
  return { exitCode: 0, report: answer };
}

function countSentence(traces: readonly TempoFoundTrace[], limit: number): string {
  const sets = traces.flatMap(({ spanSets = [] }) => spanSets);
  const shown = sets.reduce((sum, { spans = [] }) => sum + spans.length, 0);
  const matched = sets.reduce(
    (sum, { matched: inSet, spans = [] }) => sum + (inSet ?? spans.length),
    0,
  );
  const parts = [
    counted(traces.length, "trace"),
    ...(matched > shown ? [`${shown} of its ${matched} spans are shown`] : []),
    ...(traces.length === limit ? ["perhaps there are more: --limit shows them"] : []),
  ];
  return `${parts.join("; ")}.`;
}
