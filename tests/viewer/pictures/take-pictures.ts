/** `npm run pictures`: the pictures of the viewer in docs/pictures/, or every page for looking at. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BrowserContext } from "playwright-core";
import { exploreLink } from "#contract";
import { miniserve } from "#miniserve";
import { type CommandCall, runCommand, StackError } from "../../../stack/index.ts";
import { openBrowser, openPage, skipWithoutChromium, type View } from "../chromium.ts";
import { type SeededViewer, startSeededViewer } from "../seeded-viewer.ts";
import { createRequestLines, picturedRequests } from "./pictured-requests.ts";

const options = {
  all: {
    type: "string",
    value: "FOLDER",
    does: "Every page into this folder, in both themes, 1440 by 900 and 390 by 844.",
  },
} as const;

const wide = { width: 1440, height: 900 } as const;
const narrow = { width: 390, height: 844 } as const;
const mostBytes = 300_000;

await runCommand({
  name: "npm run pictures",
  summary:
    "Takes the README's pictures of the viewer in Chromium, with seeded requests, and writes them to\ndocs/pictures/.",
  options,
  json: false,
  examples: [["npm run pictures -- --all shots", "every page into a folder"]],
  exitCodes: [
    "The pictures were written.",
    "A picture is too large for the README.",
    "It could not run.",
  ],
  run: takePictures,
});

interface Picture {
  readonly name: string;
  readonly path: string;
  /** What is there when the page is complete. */
  readonly landmark: string;
}

async function takePictures(call: CommandCall<typeof options>): Promise<{ exitCode: number }> {
  if (skipWithoutChromium !== false) {
    throw new StackError("usage_invalid", {
      message: `No pictures: ${skipWithoutChromium}.`,
    });
  }
  const endings: (() => unknown)[] = [];
  const ending = { after: (end: () => unknown) => endings.push(end) };
  try {
    const viewer = await startSeededViewer(ending);
    const pictures = listPictures(viewer, await plantHours(viewer));
    const context = await openBrowser(ending);
    const { all } = call.options;
    if (all !== undefined) {
      await takeAll(context, viewer.address, pictures, resolve(all));
      return { exitCode: 0 };
    }
    const folder = join(import.meta.dirname, "..", "..", "..", "docs", "pictures");
    const sizes: number[] = [];
    for (const [name, theme] of [
      ["overview", "dark"],
      ["trace", "light"],
    ] as const) {
      const picture = pictures.find((one) => one.name === name) as Picture;
      const file = join(folder, `${name}.png`);
      await take(context, viewer.address, picture, { ...wide, theme }, file);
      const { size } = statSync(file);
      call.say(`docs/pictures/${name}.png: ${Math.round(size / 1000)} KB`);
      sizes.push(size);
    }
    return { exitCode: sizes.every((size) => size < mostBytes) ? 0 : 1 };
  } finally {
    for (const end of endings.toReversed()) {
      await end();
    }
  }
}

/** @returns the id of a trace with every stage, and lines of the log. */
async function plantHours({ send, log }: SeededViewer): Promise<string> {
  const requests = picturedRequests(1200, 3);
  for (let first = 0; first < requests.length; first += 100) {
    await send(requests.slice(first, first + 100).flat());
  }
  const isFitting = (spans: (typeof requests)[number]) =>
    spans.some(({ name }) => name === miniserve.spans.rerank.name) &&
    spans.some(({ name }) => name === miniserve.spans.format.name);
  const shown = requests.findLast(isFitting) ?? [];
  log(createRequestLines(shown));
  return shown[0]?.traceId ?? "";
}

function listPictures({ requestId, traceId: planted }: SeededViewer, traceId: string): Picture[] {
  const range = "from=now-3h&to=now";
  const board = (name: string, more = "") => ({
    name,
    path: `/d/miniserve-${name}/x?${range}${more}`,
    landmark: '.panel[data-state="ready"]',
  });
  return [
    { name: "home", path: "/", landmark: ".home tbody tr" },
    { name: "dashboards", path: "/dashboards", landmark: ".dashboard-list li" },
    board("overview"),
    board("span-attributes"),
    board("saved-queries"),
    board("one-request", `&var-traceId=${traceId}&var-request=${requestId}`),
    { name: "explore-empty", path: "/explore", landmark: ".query-editor textarea" },
    {
      name: "explore-search",
      path: exploreLink("{ } | select(span.llm.model)"),
      landmark: ".answer tbody tr",
    },
    {
      name: "explore-metrics",
      path: exploreLink("{ } | quantile_over_time(duration, .5, .95) by (name)"),
      landmark: ".answer .legend-entry",
    },
    { name: "trace", path: `/trace/${traceId}`, landmark: ".span-button" },
    { name: "trace-violations", path: `/trace/${planted}`, landmark: ".span-button" },
  ];
}

async function takeAll(
  context: BrowserContext,
  address: string,
  pictures: readonly Picture[],
  folder: string,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const picture of pictures) {
    for (const [size, width] of Object.entries({ wide, narrow })) {
      for (const theme of ["dark", "light"] as const) {
        const file = join(folder, `${picture.name}-${size}-${theme}.png`);
        await take(context, address, picture, { ...width, theme }, file);
      }
    }
  }
}

async function take(
  context: BrowserContext,
  address: string,
  { path, landmark }: Picture,
  view: View,
  file: string,
): Promise<void> {
  const { page } = await openPage(context, `${address}${path}`, view);
  await page.locator(landmark).first().waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
  await page.getByText("…", { exact: true }).first().waitFor({ state: "detached" });
  if (path.startsWith("/trace/")) {
    await page.locator(".span-button", { hasText: miniserve.spans.prefill.name }).first().click();
    await page.locator(".span-details").waitFor();
    await page.evaluate("scrollTo(0, 0)");
  }
  await page.screenshot({ path: file });
  await page.close();
}
