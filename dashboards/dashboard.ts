import { createHash } from "node:crypto";
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  type RowPanel,
  TimeOptionBuilder,
  TimePickerBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { GeneratedFile } from "#contract";
import type { DashboardContext } from "./context.ts";
import { jsonText } from "./json-text.ts";
import { createUid, type DashboardName, dashboardTitles, linksToOthers } from "./links.ts";
import type { PanelBuilder } from "./shapes/panel-builder.ts";
import { withoutDefaults } from "./shapes/without-defaults.ts";
import type { VariableBuilder } from "./variables.ts";

/** Panels below a heading, from left to right in lines as wide as the page. */
export interface Row {
  readonly title: string;
  readonly panels: readonly PanelBuilder[];
  /** Whether only its heading is seen, and nothing asked, until somebody unfolds it. */
  readonly isFolded?: boolean;
}

interface DashboardDescription {
  readonly name: DashboardName;
  readonly brief: string;
  /** How often it asks again by itself; empty for never. */
  readonly refresh: "1m" | "";
  readonly variables: readonly VariableBuilder[];
  readonly rows: readonly Row[];
}

/** A dashboard in Grafana's classic JSON, which every Grafana 13 takes from a file. */
export function dashboardFile(
  board: DashboardContext,
  { name, brief, refresh, variables, rows }: DashboardDescription,
): GeneratedFile {
  const dashboard = new DashboardBuilder(`${board.service}: ${dashboardTitles[name]}`)
    .uid(createUid(board, name))
    .description(`${brief} Generated from contract/ by npm run generate: do not edit.`)
    .tags([board.service, "generated"])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .refresh(refresh)
    .timepicker(timePicker())
    .links(linksToOthers(board, name))
    .variables([...variables])
    .build();
  const content = withoutDefaults({ ...dashboard, panels: placed(rows) });
  return {
    path: `dashboards/generated/${name}.json`,
    content: `${jsonText(content)}\n`,
  };
}

/** Tempo answers metrics for a day at most. */
const longestHours = 24;

function timePicker(): TimePickerBuilder {
  const hours = [1, 3, 6, 12, longestHours].map((count) => ({
    display: count === 1 ? "Last hour" : `Last ${count} hours`,
    from: `now-${count}h`,
  }));
  const ranges = [{ display: "Last 15 minutes", from: "now-15m" }, ...hours];
  return new TimePickerBuilder()
    .refreshIntervals(["10s", "30s", "1m", "5m", "15m"])
    .quickRanges(
      ranges.map(({ display, from }) =>
        new TimeOptionBuilder().display(display).from(from).to("now"),
      ),
    );
}

/** In columns of the grid. */
export const pageWidth = 24;

/** In rows of the grid, more than any heading has below it. Grafana closes what stays empty. */
const roomOfRow = 100;

/**
 * Where a panel is and its number depend on its own heading and title alone, so that a new panel changes no
 * other, and a link to a panel lasts.
 */
function placed(rows: readonly Row[]): (Panel | RowPanel)[] {
  return rows
    .filter((row) => row.panels.length > 0)
    .flatMap(({ title, panels: builders, isFolded = false }, place) => {
      const y = place * roomOfRow;
      const gridPos = { x: 0, y, w: pageWidth, h: 1 };
      const row = new RowBuilder(title)
        .id(hashPanelId(title))
        .gridPos(gridPos)
        .collapsed(isFolded)
        .build();
      const panels = inLines(builders, y + 1).map((panel) => ({
        ...panel,
        id: hashPanelId(title, panel.type, panel.title ?? ""),
      }));
      return isFolded ? [{ ...row, panels }] : [row, ...panels];
    });
}

const bitsOfId = 31;

/** The same for the same names. Grafana takes positive numbers of 31 bits. */
function hashPanelId(...names: readonly string[]): number {
  const digest = createHash("sha256").update(names.join("\n")).digest();
  return digest.readUInt32BE() >>> (32 - bitsOfId);
}

function inLines(builders: readonly PanelBuilder[], top: number): Panel[] {
  let [x, y, lineHeight] = [0, top, 0];
  return builders.map((builder): Panel => {
    const panel = builder.build();
    const { w, h } = panel.gridPos ?? { w: pageWidth, h: 8 };
    if (x + w > pageWidth) {
      [x, y, lineHeight] = [0, y + lineHeight, 0];
    }
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...panel, gridPos };
  });
}
