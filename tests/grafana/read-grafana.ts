/** Reads Grafana's panels, by what its own tests go by (`data-testid`) and by roles. */
import type { Locator, Page } from "playwright-core";
import type { PageElement } from "./page-element.ts";
import {
  type PanelReading,
  type ReadBody,
  readPieces,
  readText,
  type TableSelectors,
} from "./reading.ts";

export function grafanaPanel(page: Page, id: number): Locator {
  return page.locator(`[data-viz-panel-key="panel-${id}"] section[data-testid]`);
}

export async function readGrafanaPanel(panel: Locator, type: string): Promise<PanelReading> {
  // A page behind another draws once a second, and a table draws its rows while it is scrolled.
  await panel.page().bringToFront();
  const frame = await panel.evaluate(readFrame as (panel: unknown) => ReturnType<typeof readFrame>);
  const body = panel.locator('[data-testid="data-testid panel content"]');
  return { ...frame, pieces: await readPieces(body, bodies[type]) };
}

function readFrame(panel: PageElement): Omit<PanelReading, "pieces"> {
  const status = panel.querySelector('[data-testid^="data-testid Panel status"]');
  const nothing = panel.querySelector('[data-testid="data-testid Panel data error message"]');
  return {
    title: (panel.getAttribute("data-testid") ?? "").replace("data-testid Panel header ", ""),
    failure: (status?.getAttribute("data-testid") ?? "").replace("data-testid ", ""),
    nothing: nothing?.innerText.trim() ?? "",
  };
}

const bodies: Readonly<Record<string, ReadBody | TableSelectors>> = {
  table: {
    head: "[role=columnheader]",
    row: "[role=row]:not([aria-label='table header'])",
    cell: "[role=cell], [role=gridcell]",
  },
  stat(body) {
    const page = body.ownerDocument.defaultView;
    // The element of a number is the one that has its colour; a name beside it has one of its own.
    const painted = [...body.querySelectorAll('[style*="font-size"][style*="color"]')];
    return {
      numbers: painted.map((element) => {
        let around: PageElement | null = element;
        while (around !== null && around !== body && !around.matches("a[href], button")) {
          around = around.parentElement;
        }
        const href = around?.getAttribute("href");
        return {
          text: element.innerText.trim(),
          colour: page.getComputedStyle(element).color,
          links: typeof href === "string" ? [href] : [],
          opensMenu: around?.matches("button") ?? false,
        };
      }),
    };
  },
  bargauge(body) {
    const page = body.ownerDocument.defaultView;
    const values = [...body.querySelectorAll('[data-testid="data-testid Bar gauge value"]')];
    return {
      bars: values.map((value) => {
        let row: PageElement = value;
        while (row.parentElement !== null && row.innerText.trim() === value.innerText.trim()) {
          row = row.parentElement;
        }
        const bar = row.querySelector('[style*="border-right"]');
        const [name = ""] = row.innerText.trim().split("\n");
        return {
          text: `${name}: ${value.innerText.trim()}`,
          colour: bar === null ? "" : page.getComputedStyle(bar).borderRightColor,
          links: [],
          opensMenu: false,
        };
      }),
    };
  },
  timeseries(body) {
    const page = body.ownerDocument.defaultView;
    const prefix = "data-testid VizLegend series ";
    const listed = [...body.querySelectorAll(`[data-testid^="${prefix}"]`)];
    // A legend with values is a table.
    const entries = listed.length > 0 ? listed : [...body.querySelectorAll("tbody tr")];
    return {
      legend: entries.map((entry) => {
        const icon = entry.querySelector('[data-testid="series-icon"]');
        return {
          text: entry.innerText.replace(/\s+/g, " ").trim(),
          colour: icon === null ? "" : page.getComputedStyle(icon).backgroundColor,
          links: [],
          opensMenu: false,
        };
      }),
    };
  },
  text: readText,
  traces(body) {
    const names = [...body.querySelectorAll('[data-testid="ListView"] button[role=switch][title]')];
    return {
      spans: names.map((button) => ({
        // `service::name`, and behind it the duration in brackets
        text: `${(button.getAttribute("title") ?? "").replace(/^.*::/, "")} ${button.innerText.replace(/^.*\((.*)\)\s*$/s, "$1")}`,
        colour: "",
        links: [],
        opensMenu: false,
      })),
    };
  },
  logs(body) {
    return {
      lines: [...body.querySelectorAll("tbody tr")].map(({ innerText }) => ({
        // Each has its time, and the line as it was written, which is JSON.
        text: [/\d{4}-[-\d: .]+/, /"event":"[^"]*"/]
          .map((part) => part.exec(innerText)?.[0].trim() ?? "")
          .join(" "),
        colour: "",
        links: [],
        opensMenu: false,
      })),
    };
  },
};
