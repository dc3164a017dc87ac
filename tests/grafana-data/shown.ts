/** For tests: what a panel shows, in one form for Grafana's code and for the viewer's. */
import type { DataFrame, FormattedValue } from "@grafana/data";
import type { PanelJson } from "../../stack/viewer/data/dashboard.ts";
import { createDisplay, type Display } from "../../stack/viewer/data/display.ts";
import { configureFields } from "../../stack/viewer/data/field-config.ts";
import { fieldValues } from "../../stack/viewer/data/field-values.ts";
import { type Frame, getDisplayName } from "../../stack/viewer/data/frame.ts";
import { heatCells } from "../../stack/viewer/data/heatmap-cells.ts";
import { dataLinks, type Link, type LinkContext } from "../../stack/viewer/data/links.ts";
import { createSeries } from "../../stack/viewer/data/series.ts";
import { isHidden } from "../../stack/viewer/data/table-rows.ts";
import { transform } from "../../stack/viewer/data/transformations.ts";
import { formatText } from "../../stack/viewer/data/units.ts";
import {
  type GrafanaLink,
  grafana,
  numbersByGrafana,
  preparedByGrafana,
  theme,
} from "./grafana.ts";

/** Values by what they are of: a column and a row, a series and a time, a name. */
export type Shown = Readonly<Record<string, unknown>>;

type ShowInGrafana = (panel: PanelJson, frames: DataFrame[], context: LinkContext) => Shown;
type ShowInViewer = (panel: PanelJson, frames: readonly Frame[], context: LinkContext) => Shown;

interface Comparison {
  readonly inGrafana: ShowInGrafana;
  readonly inViewer: ShowInViewer;
}

/** Both show what is made of fields; how it is drawn is a browser's affair. */
const comparisons: Readonly<Record<string, Comparison>> = {
  table: { inGrafana: tableInGrafana, inViewer: tableInViewer },
  stat: { inGrafana: numbersInGrafana, inViewer: numbersInViewer },
  bargauge: { inGrafana: numbersInGrafana, inViewer: numbersInViewer },
  timeseries: { inGrafana: seriesInGrafana, inViewer: seriesInViewer },
  heatmap: { inGrafana: heatmapInGrafana, inViewer: heatmapInViewer },
};

/**
 * What is not compared, and why. Of the others neither are the order in which a person sorts rows, the ticks of
 * axes, nor how Grafana writes an absolute time range in links, where the viewer leaves it as its address has it.
 */
export const notMadeOfFields: Readonly<Record<string, string>> = {
  row: "A heading.",
  text: "Markdown, in which only variables are replaced.",
  logs: "Grafana's panel reads the lines by itself.",
  traces: "Grafana's panel draws the trace by itself.",
};

/** @throws RangeError for a type of panel that nobody has said how to compare. */
function chooseComparison({ type, title }: PanelJson): Comparison {
  const found = Object.hasOwn(comparisons, type) ? comparisons[type] : undefined;
  if (found === undefined) {
    throw new RangeError(
      `${title} is a ${type}, which this test cannot compare: say in ${import.meta.filename} what both show of it.`,
    );
  }
  return found;
}

export async function shownByGrafana(
  panel: PanelJson,
  frames: readonly Frame[],
  context: LinkContext,
): Promise<Shown> {
  const { inGrafana } = chooseComparison(panel);
  return inGrafana(panel, await preparedByGrafana(panel, frames, context), context);
}

export function shownByViewer(
  panel: PanelJson,
  frames: readonly Frame[],
  context: LinkContext,
): Shown {
  const { inViewer } = chooseComparison(panel);
  const transformed = transform(frames, panel.transformations);
  const configured = configureFields(transformed.frames, panel.fieldConfig);
  const unknown = [...transformed.unknown, ...configured.unknown];
  return {
    ...inViewer(panel, configured.frames, context),
    ...Object.fromEntries(unknown.map((sentence) => [`left out: ${sentence}`, true])),
  };
}

const formatValue = (display: FormattedValue) => grafana.formattedValueToString(display);
const formatViewerText = ({ text, suffix }: Display) => `${text}${suffix}`;

/** The datasource's own link opens Explore there, and the page of the trace here. */
const parsePlace = (href: string) =>
  /^\/(explore\?left=|trace\/)/.test(href) ? "the trace at its span" : href;
const linkTexts = (links: readonly Pick<GrafanaLink | Link, "title" | "href">[]) =>
  links.map(({ title, href }) => `${title} → ${parsePlace(href)}`);

function isColoured({ custom }: { readonly custom?: Readonly<Record<string, unknown>> }) {
  return String((custom?.cellOptions as { type?: string } | undefined)?.type).startsWith("color");
}

/** Grafana 12 hides by the first of them, 13 by the other. */
function isHiddenInGrafana({ custom }: { readonly custom?: Readonly<Record<string, unknown>> }) {
  const { hidden, hideFrom } = (custom ?? {}) as { hidden?: boolean; hideFrom?: { viz?: boolean } };
  const hiddenByPath = custom?.["hideFrom.viz"];
  return hidden === true || hideFrom?.viz === true || hiddenByPath === true;
}

function tableInGrafana({ options }: PanelJson, frames: DataFrame[]): Shown {
  const frame = frames[Number(options?.frameIndex ?? 0)] ?? frames[0];
  const columns = (frame?.fields ?? []).filter(({ config }) => !isHiddenInGrafana(config));
  return Object.fromEntries(
    columns.flatMap((field, place) => {
      const name = grafana.getFieldDisplayName(field, frame, frames);
      return [
        [`column ${place}`, name],
        ...field.values.map((value, row) => {
          const shown = field.display?.(value) ?? { text: "", color: undefined };
          const links = field.getLinks?.({ valueRowIndex: row }) ?? [];
          return [
            `${place} ${name}, row ${row}`,
            {
              text: formatValue(shown),
              links: linkTexts(links),
              ...(isColoured(field.config) ? { colour: shown.color } : {}),
            },
          ];
        }),
      ];
    }),
  );
}

function tableInViewer(
  { options }: PanelJson,
  frames: readonly Frame[],
  context: LinkContext,
): Shown {
  const frame = frames[Number(options?.frameIndex ?? 0)] ?? frames[0];
  const columns = (frame?.fields ?? []).filter((field) => !isHidden(field));
  return Object.fromEntries(
    columns.flatMap((field, place) => {
      const name = getDisplayName(field);
      return [
        [`column ${place}`, name],
        ...field.values.map((value, row) => {
          const shown = createDisplay(value, field, "dark");
          const links = frame === undefined ? [] : dataLinks(context, { frame, field, row });
          return [
            `${place} ${name}, row ${row}`,
            {
              text: formatViewerText(shown),
              links: linkTexts(links),
              ...(isColoured(field.config) ? { colour: shown.colour } : {}),
            },
          ];
        }),
      ];
    }),
  );
}

function numbersInGrafana(panel: PanelJson, frames: DataFrame[], context: LinkContext): Shown {
  return Object.fromEntries(
    numbersByGrafana(panel, frames, context).map(({ display, getLinks, name }, index) => [
      `${display.title ?? name}, number ${index}`,
      {
        text: formatValue(display),
        colour: display.color,
        links: linkTexts(getLinks?.() ?? []),
      },
    ]),
  );
}

function numbersInViewer(panel: PanelJson, frames: readonly Frame[], context: LinkContext): Shown {
  return Object.fromEntries(
    fieldValues(panel, frames, "dark").map(({ name, display, source }, index) => [
      `${name}, number ${index}`,
      {
        text: formatViewerText(display),
        colour: display.colour,
        links: linkTexts(source === undefined ? [] : dataLinks(context, source)),
      },
    ]),
  );
}

/** The words of the legend, the colours, and the values as the tooltip says them. */
function seriesInGrafana(_: PanelJson, frames: DataFrame[]): Shown {
  const drawn = frames.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === grafana.FieldType.number)
      .map((field) => ({ frame, field })),
  );
  return Object.fromEntries(
    drawn.flatMap(({ frame, field }, index) => {
      const name = grafana.getFieldDisplayName(field, frame, frames);
      const colour = grafana.getFieldSeriesColor(field, theme).color.toLowerCase();
      return [
        [`series ${index}`, { name, colour }],
        ...field.values.map((value, row) => [
          `${name}, sample ${row}`,
          value === null || field.display === undefined ? "" : formatValue(field.display(value)),
        ]),
      ];
    }),
  );
}

function seriesInViewer(_: PanelJson, frames: readonly Frame[]): Shown {
  return Object.fromEntries(
    createSeries(frames, "dark").flatMap(({ name, colour, field, values }, index) => [
      [`series ${index}`, { name, colour: colour.toLowerCase() }],
      ...values.map((value, row) => [
        `${name}, sample ${row}`,
        value === null ? "" : formatText(value, field.config.unit, field.config.decimals),
      ]),
    ]),
  );
}

interface HeatmapOptions {
  readonly yAxis?: { readonly unit?: string; readonly decimals?: number };
}

/** A row for each series, the smallest first. One that is called a number has the axis' unit. */
function heatmapInGrafana({ options }: PanelJson, frames: DataFrame[]): Shown {
  const { unit = "short", decimals } = (options as HeatmapOptions | undefined)?.yAxis ?? {};
  const format = grafana.getValueFormat(unit);
  const rows = frames.map((frame) => {
    const [times, counts] = frame.fields;
    const name = counts === undefined ? "" : grafana.getFieldDisplayName(counts, frame, frames);
    return { name, times: times?.values ?? [], counts: counts?.values ?? [] };
  });
  return Object.fromEntries(
    rows
      .sort((one, other) => Number(one.name) - Number(other.name))
      .flatMap(({ name, times, counts }, row) => [
        [
          `row ${row}`,
          Number.isNaN(Number(name)) ? name : formatValue(format(Number(name), decimals)),
        ],
        ...counts.flatMap((count, at) =>
          count > 0 ? [[`row ${row} at ${times[at]}`, count]] : [],
        ),
      ]),
  );
}

function heatmapInViewer({ options }: PanelJson, frames: readonly Frame[]): Shown {
  const { unit } = (options as HeatmapOptions | undefined)?.yAxis ?? {};
  const { buckets, cells } = heatCells(frames);
  return Object.fromEntries([
    ...buckets.map((bound, row) => [`row ${row}`, formatText(bound, unit)]),
    ...cells.map(({ bucket, toMs, count }) => [`row ${bucket} at ${toMs}`, count]),
  ]);
}
