import {
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { type Attribute, type Contract, grafanaUnit } from "#contract";
import type { Board } from "../board.ts";
import { valueColours } from "../colours.ts";
import { requestLink, traceIdColumn } from "../links.ts";
import type { PanelTexts } from "./panel-builder.ts";
import { type Printed, spansTarget, tempo } from "./target.ts";

interface SpanTable extends PanelTexts {
  readonly query: Printed;
  /** Whether the rows lead to their request. Not where all are of the one that is shown. */
  readonly isLinked?: boolean;
}

const startTime = "Start time";

/** A row a span, newest first, with a column for each attribute that the query selects. */
export function spanTable(
  board: Board,
  { title, description, whenEmpty, query, isLinked = true }: SpanTable,
): TableBuilder {
  const table = new TableBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .withTarget(spansTarget(query))
    .cellHeight(TableCellHeight.Sm)
    .sortBy([new TableSortByFieldStateBuilder().displayName(startTime).desc(true)]);
  // The panel's words are for a table without any row.
  table.overrideByRegexp("/.*/", [
    { id: "noValue", value: "" },
    { id: "mappings", value: [{ type: "value", options: absent }] },
  ]);
  const links = isLinked ? [{ id: "links", value: [requestLink(board)] }] : [];
  table.overrideByName("time", [
    { id: "displayName", value: startTime },
    { id: "custom.width", value: 180 },
    ...links,
  ]);
  table.overrideByName("spanID", [{ id: "custom.width", value: 160 }, ...links]);
  table.overrideByName(traceIdColumn, traceIdProperties(links));
  // Of every row they say the same: whose spans these are was asked for.
  for (const column of ["traceService", "traceName", serviceKey(board.contract)]) {
    table.overrideByName(column, hiddenProperties(true));
  }
  for (const [key, properties] of attributeColumns(board.contract, query)) {
    table.overrideByName(key, properties);
  }
  return table;
}

function serviceKey({ resource }: Contract): string {
  return resource.attributes[resource.serviceName]?.key ?? resource.serviceName;
}

/** Grafana 12 knows the first of them alone, 13 the other. */
function hiddenProperties(isHidden: boolean): DynamicConfigValue[] {
  return [
    { id: "custom.hidden", value: isHidden },
    { id: "custom.hideFrom.viz", value: isHidden },
  ];
}

/** What Tempo says where a span has no such attribute. A text of no character would count as none. */
const absent = { nil: { text: " ", index: 0 } };

/** The datasource hides it, in some versions of Grafana and not in others. */
function traceIdProperties(links: readonly DynamicConfigValue[]): DynamicConfigValue[] {
  const isHidden = links.length === 0;
  return [
    { id: "displayName", value: "Trace" },
    ...hiddenProperties(isHidden),
    { id: "custom.width", value: 120 },
    ...links,
  ];
}

/** How the columns of attributes look which the query names, by their names on the wire. */
function attributeColumns(contract: Contract, { text }: Printed): [string, DynamicConfigValue[]][] {
  return Object.entries(contract.attributes)
    .filter(([, { key }]) => text.includes(key))
    .map(([identifier, attribute]): [string, DynamicConfigValue[]] => [
      attribute.key,
      columnProperties(contract, identifier, attribute),
    ])
    .filter(([, properties]) => properties.length > 0);
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
