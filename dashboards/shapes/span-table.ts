import {
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { type Attribute, type Contract, grafanaUnit } from "#contract";
import { valueColours } from "../colours.ts";
import type { DashboardContext } from "../context.ts";
import { requestLink, traceIdColumn } from "../links.ts";
import type { PanelTexts } from "./panel-builder.ts";
import { createHeadings, createSpanColumns, type SpanColumns } from "./span-columns.ts";
import { spansTarget, type TraceqlText, tempo } from "./target.ts";

interface SpanTable extends PanelTexts {
  readonly query: TraceqlText;
  /** Whether the rows lead to their request. Not where all are of the one that is shown. */
  readonly isLinked?: boolean;
  /** Columns that a narrow table has no room for, by what the datasource calls them. */
  readonly without?: readonly string[];
}

const startTime = "Start time";
const narrowestPx = 110;

/** A row a span, newest first, with a column for each attribute that the query selects. */
export function spanTable(
  board: DashboardContext,
  { title, description, whenEmpty, query, isLinked = true, without = [] }: SpanTable,
): TableBuilder {
  const columns = createSpanColumns(board.contract, query);
  const table = new TableBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .withTarget(spansTarget(query))
    .withTransformation(organized(columns, without))
    .cellHeight(TableCellHeight.Sm)
    .minWidth(narrowestPx)
    .sortBy([new TableSortByFieldStateBuilder().displayName(startTime).desc(true)]);
  // The panel's words are for a table without any row.
  table.overrideByRegexp("/.*/", [
    { id: "noValue", value: "" },
    { id: "mappings", value: [{ type: "value", options: absent }] },
  ]);
  // One link a cell: the datasource's own on the span's id leads to the span in Explore.
  table.overrideByName("time", [
    { id: "displayName", value: startTime },
    { id: "custom.width", value: 190 },
    ...(isLinked ? [{ id: "links", value: [requestLink(board)] }] : []),
  ]);
  table.overrideByName("duration", [{ id: "custom.width", value: 100 }]);
  table.overrideByName("spanID", [{ id: "custom.width", value: 150 }]);
  table.overrideByName(traceIdColumn, hiddenProperties);
  for (const [key, properties] of attributeColumns(board.contract, columns)) {
    table.overrideByName(key, properties);
  }
  return table;
}

/** Each column at its place, by the name that is shown before the panel has given it another. */
function organized({ shown, leftOut }: SpanColumns, without: readonly string[]) {
  const indexByName = Object.fromEntries(shown.map((name, index) => [name, index]));
  const excludeByName = Object.fromEntries([...leftOut, ...without].map((name) => [name, true]));
  return { id: "organize", options: { excludeByName, indexByName, renameByName: {} } };
}

/** Only links use it. Grafana 12 knows the first of them alone, 13 the other. */
const hiddenProperties: DynamicConfigValue[] = [
  { id: "custom.hidden", value: true },
  { id: "custom.hideFrom.viz", value: true },
];

/** What Tempo says where a span has no such attribute. A text of no character would count as none. */
const absent = { nil: { text: " ", index: 0 } };

/** How the columns of attributes look, by their names on the wire. */
function attributeColumns(
  contract: Contract,
  columns: SpanColumns,
): [string, DynamicConfigValue[]][] {
  const all = { ...contract.attributes, ...contract.resource.attributes };
  const shown = Object.entries(all).filter(([, { key }]) => columns.shown.includes(key));
  const headings = createHeadings(shown.map(([, { key }]) => key));
  return shown.map(([identifier, attribute]) => {
    const { key, values = [] } = attribute;
    const heading = headings.get(key) ?? key;
    // Whole are the values of a list, and the name of what the table is about.
    const isWhole = values.length > 1 || columns.measured.includes(key);
    return [
      key,
      [
        { id: "displayName", value: heading },
        ...(isWhole ? [{ id: "custom.width", value: measureWidth([heading, ...values]) }] : []),
        ...columnProperties(contract, identifier, attribute),
      ],
    ];
  });
}

/** Of a column that shows the longest of these values whole. */
function measureWidth(values: readonly unknown[]): number {
  return Math.max(narrowestPx, ...values.map((value) => String(value).length * 8 + 20));
}

function columnProperties(
  contract: Contract,
  identifier: string,
  { unit, values }: Attribute,
): DynamicConfigValue[] {
  if (values !== undefined && values.length > 1) {
    const coloured = Object.fromEntries(
      [...valueColours(contract, identifier)].map(([value, color], index) => [
        value,
        { color, index: index + 1 },
      ]),
    );
    const options = { ...coloured, ...absent };
    return [
      { id: "mappings", value: [{ type: "value", options }] },
      { id: "custom.cellOptions", value: { type: "color-text" } },
    ];
  }
  return unit === undefined ? [] : [{ id: "unit", value: grafanaUnit(unit) }];
}
