/** Reads the viewer's panels. */
import type { Locator, Page } from "playwright-core";
import type { PageElement } from "./page-element.ts";
import {
  type PanelReading,
  type ReadBody,
  readPieces,
  readText,
  type TableSelectors,
} from "./reading.ts";

export function viewerPanel(page: Page, id: number): Locator {
  return page.locator(`.panel[data-panel="${id}"]`);
}

export async function readViewerPanel(panel: Locator, type: string): Promise<PanelReading> {
  const frame = await panel.evaluate(readFrame as (panel: unknown) => ReturnType<typeof readFrame>);
  const body = panel.locator(".panel-body");
  return { ...frame, pieces: await readPieces(body, bodies[type]) };
}

function readFrame(panel: PageElement): Omit<PanelReading, "pieces"> {
  return {
    title: panel.querySelector("h3")?.innerText.trim() ?? "",
    failure: panel.querySelector(".nothing.error")?.innerText.trim() ?? "",
    nothing: panel.querySelector(".nothing:not(.error), .elsewhere")?.innerText.trim() ?? "",
  };
}

const bodies: Readonly<Record<string, ReadBody | TableSelectors>> = {
  table: { head: "th", row: "tbody tr", cell: "td" },
  stat(body) {
    const page = body.ownerDocument.defaultView;
    return {
      numbers: [...body.querySelectorAll(".stat-number")].map((element) => {
        const around = element.parentElement;
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
    return {
      bars: [...body.querySelectorAll(".bar-gauge li")].map((row) => {
        const text = (part: string) => row.querySelector(part)?.innerText.trim() ?? "";
        const bar = row.querySelector(".bar-fill");
        return {
          text: `${text(".bar-name")}: ${text(".bar-value")}`,
          colour: bar === null ? "" : page.getComputedStyle(bar).backgroundColor,
          links: [],
          opensMenu: false,
        };
      }),
    };
  },
  timeseries(body) {
    const page = body.ownerDocument.defaultView;
    return {
      legend: [...body.querySelectorAll(".legend-entry")].map((entry) => {
        const swatch = entry.querySelector(".swatch");
        return {
          text: entry.innerText.replace(/\s+/g, " ").trim(),
          colour: swatch === null ? "" : page.getComputedStyle(swatch).backgroundColor,
          links: [],
          opensMenu: false,
        };
      }),
    };
  },
  text: readText,
  traces(body) {
    return {
      spans: [...body.querySelectorAll(".span-button")].map((button) => ({
        // Grafana's waterfall writes durations without a blank.
        text: button.innerText
          .replace(/\s+/g, " ")
          .replace(/(\d) (\D+)$/, "$1$2")
          .trim(),
        colour: "",
        links: [],
        opensMenu: false,
      })),
    };
  },
  logs(body) {
    return {
      lines: [...body.querySelectorAll(".log-line")].map((line) => ({
        text: `${line.querySelector("time")?.innerText} "event":"${line.querySelector("strong")?.innerText}"`,
        colour: "",
        links: [],
        opensMenu: false,
      })),
    };
  },
};
