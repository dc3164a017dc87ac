import {
  type Attribute,
  type Contract,
  countedThings,
  grafanaUnit,
  type MetricsQuery,
  type Quantity,
  type SavedQuery,
  type SpanDefinition,
  toUnit,
} from "#contract";
import { severityColours } from "../colours.ts";
import { type DashboardContext, savedQuery } from "../context.ts";
import { spreadStat } from "../shapes/stat.ts";
import type { Step } from "../shapes/thresholds.ts";
import { lines, oneLine, spreadLines, stackedBars } from "../shapes/timeseries.ts";
import { buildSpread, selectExactNumbers, spreadNote } from "./series.ts";

/** A number that a span carries: `handler.timeToFirstTokenUs`. Its unit, axis and meaning are the contract's. */
type PathTo<C extends Contract, Type extends "int" | "double" = "int" | "double"> = {
  [Span in keyof C["spans"] & string]: {
    [Name in keyof C["attributes"] &
      keyof C["spans"][Span]["attributes"] &
      string]: C["attributes"][Name]["type"] extends Type ? `${Span}.${Name}` : never;
  }[keyof C["attributes"] & keyof C["spans"][Span]["attributes"] & string];
}[keyof C["spans"] & string];

/** What a panel says besides what the contract says of its attribute. */
interface Texts {
  readonly title: string;
  /** What a high value means, and what to do. */
  readonly advice: string;
  readonly whenEmpty: string;
  /** An integer of the span that is above zero on each that counts. */
  readonly aboveZero?: string;
}

/** The quantiles and the largest over time: TraceQL has quantiles of integers alone. */
export function spreadPanel<C extends Contract>(
  board: DashboardContext<C>,
  path: PathTo<C, "int">,
  texts: Texts,
) {
  const { spans, field, looks, describe } = measured(board, path, texts, "int");
  return spreadLines({
    ...looks,
    ...buildSpread(spans, field),
    description: describe(`${texts.advice} ${spreadNote}`),
  });
}

/** The mean over time, as one line. */
export function meanPanel<C extends Contract>(
  board: DashboardContext<C>,
  path: PathTo<C>,
  texts: Texts & { readonly name: string; readonly colour: string },
) {
  const { spans, field, looks, describe } = measured(board, path, texts, "int", "double");
  return oneLine({
    ...looks,
    name: texts.name,
    colour: texts.colour,
    query: spans.avgOverTime(field),
    description: describe(`The mean over time. ${texts.advice}`),
  });
}

/** The mean over time, a line for each value of a label. */
export function meanByPanel<C extends Contract>(
  board: DashboardContext<C>,
  path: PathTo<C>,
  texts: Texts & { by: Label },
) {
  const { spans, field, looks, describe } = measured(board, path, texts, "int", "double");
  return lines({
    ...looks,
    query: spans.avgOverTime(field).by(texts.by),
    description: describe(`The mean over time. ${texts.advice}`),
  });
}

/** The sum in each step, in parts for each value of a label. */
export function sumByPanel<C extends Contract>(
  board: DashboardContext<C>,
  path: PathTo<C>,
  texts: Texts & { by: Label },
) {
  const { spans, field, looks, describe } = measured(board, path, texts, "int", "double");
  return stackedBars({
    ...looks,
    query: spans.sumOverTime(field).by(texts.by),
    description: describe(`The sum in each step of the graph. ${texts.advice}`),
  });
}

/** The mean and the largest, in the colour of a saved query's severity from its threshold on. */
export function limitStat<C extends Contract>(
  board: DashboardContext<C>,
  path: PathTo<C>,
  shown: Pick<Texts, "title" | "aboveZero"> & { readonly limit: string },
) {
  const query = savedQuery(board, shown.limit);
  const texts = { ...shown, advice: "", whenEmpty: "–" };
  const { spans, field, looks, describe, attribute } = measured(
    board,
    path,
    texts,
    "int",
    "double",
  );
  return spreadStat({
    ...looks,
    queries: selectExactNumbers(spans, field),
    description: describe(limitText(query)),
    steps: limitSteps(query, attribute.unit),
  });
}

/** What a panel with the threshold of a saved query says: the mean and the largest. */
export function limitText({ action, severity, parameters: { threshold } }: SavedQuery): string {
  return `Shown are the mean and the largest. ${colourWords[severity]} from ${threshold?.default} ${threshold?.unit} on: ${action}`;
}

const colourWords = { critical: "Red", warning: "Yellow", info: "Blue" } as const;

/** From the threshold of a saved query on, the colour of its severity. */
export function limitSteps(
  { parameters: { threshold }, severity }: SavedQuery,
  unit: string | undefined,
): Step[] {
  const from = toUnit(Number(threshold?.default), threshold?.unit, unit);
  return [{ from, colour: severityColours[severity] }];
}

type Label = Parameters<MetricsQuery["by"]>[0];

function measured<Kind extends "int" | "double">(
  board: DashboardContext,
  path: string,
  texts: Texts,
  ...kinds: readonly Kind[]
) {
  const [spanName = "", identifier = ""] = path.split(".");
  const span = board.contract.spans[spanName];
  const attribute = span?.attributes[identifier];
  if (span === undefined || attribute === undefined) {
    throw new RangeError(`The contract has no ${path}.`);
  }
  const field = readQuantity(board, span, identifier, ...kinds);
  const { title, whenEmpty, aboveZero } = texts;
  const counted =
    aboveZero === undefined ? [] : [() => readQuantity(board, span, aboveZero, "int").gt(0)];
  return {
    attribute,
    field,
    spans: board.query.spans(span.identifier, ...counted),
    looks: { title, whenEmpty, ...readLooks(attribute) },
    describe: (advice: string) => `${attribute.brief} ${advice}`,
  };
}

/** How a number is written, and what stands at its axis. */
export function readLooks({ unit }: Attribute): { readonly unit: string; readonly axis?: string } {
  const axis = countedThings(unit);
  return { unit: grafanaUnit(unit), ...(axis === undefined ? {} : { axis }) };
}

/** An attribute as something to measure. */
export function readQuantity<Kind extends "int" | "double">(
  { query }: DashboardContext,
  { identifier: span }: SpanDefinition,
  identifier: string,
  ...kinds: readonly Kind[]
): Quantity<Kind> {
  const field = query.attributes(span)[identifier];
  if (!kinds.some((kind) => kind === field?.kind)) {
    throw new RangeError(`${span}.${identifier} is no ${kinds.join(" or ")}.`);
  }
  return field as Quantity<Kind>;
}
