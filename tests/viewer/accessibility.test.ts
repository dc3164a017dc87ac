import assert from "node:assert/strict";
import { test } from "node:test";
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { exploreLink } from "#contract";
import { openPage, seeAllPanels, skipWithoutChromium } from "./chromium.ts";
import { sharedViewer } from "./shared-viewer.ts";

const timeout = 290_000;
const wide = { width: 1440, height: 900 } as const;
const narrow = { width: 390, height: 844 } as const;

const shared = sharedViewer();

/**
 * What axe finds that hinders people much, a line each with the places. A theme changes nothing but
 * colours, so that of the second one only these are looked at.
 */
async function hindrances(page: Page, what: "all" | "colours"): Promise<string[]> {
  const only = what === "all" ? "" : `, runOnly: ["color-contrast", "link-in-text-block"]`;
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { resultTypes: ["violations"]${only} })`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, any }) => `${id} ${target} ${any[0]?.message ?? ""}`),
    );
}

test("nothing hinders people seriously: every page, both themes, wide and narrow", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const { address, traceId, requestId } = viewer;
  const { dashboards } = (await (await fetch(`${address}/api/viewer/provisioned`)).json()) as {
    dashboards: readonly { url: string }[];
  };
  const chosen = `?var-traceId=${traceId}&var-request=${requestId}`;
  const pages = [
    ["/", ".home tbody tr"],
    ["/dashboards", ".dashboard-list li"],
    ...dashboards.map(({ url }) => [`${url}${chosen}`, ".panel"]),
    ["/explore", ".query-editor textarea"],
    [exploreLink("{ }"), ".answer tbody tr"],
    [exploreLink("{ } | rate() by (name)"), ".answer .legend-entry"],
    [`/trace/${traceId}?span=x`, ".span-button"],
    ["/nowhere", ".message"],
    [`/trace/${"f".repeat(32)}`, ".message"],
    ["/explore?panes=%7B", ".message"],
  ] as const;
  const found: string[] = [];
  for (const [path = "", landmark = ""] of pages) {
    const { page } = await openPage(context, `${address}${path}`, { ...wide, theme: "dark" });
    await page.locator(landmark).first().waitFor();
    if (landmark === ".panel") {
      await seeAllPanels(page);
    }
    if (landmark === ".span-button") {
      await page.locator(".span-button").first().click();
    }
    await page.evaluate(axe.source);
    // Panels have the same colours when narrow.
    for (const view of landmark === ".panel" ? [wide] : [wide, narrow]) {
      await page.setViewportSize(view);
      for (const theme of ["light", "dark"]) {
        await page.getByRole("button", { name: `Change to the ${theme} theme` }).click();
        const where = `${path.replace(/\?.*/, "")} ${theme} ${view.width}`;
        found.push(
          ...(await hindrances(page, theme === "light" ? "all" : "colours")).map(
            (sentence) => `${where}: ${sentence}`,
          ),
        );
      }
    }
    await page.close();
  }
  assert.deepEqual(found, []);
});

/** Runs in the page: what a pointer can press and the Tab key does not come to. */
const unreached = `(() => {
  const isShown = (element) => element.checkVisibility({ checkVisibilityCSS: true });
  const clickable = [...document.querySelectorAll("body *")].filter(
    (element) =>
      isShown(element) &&
      (element.matches("a[href], button:not(:disabled), input, select, textarea, summary") ||
        getComputedStyle(element).cursor === "pointer"),
  );
  return clickable
    .filter((element) => !reached.has(element.closest("a, button, input, select, textarea, summary, label") ?? element))
    .map((element) => element.outerHTML.slice(0, 160));
})()`;

/** Runs in the page: notes what has the focus; the outline of it, if it shows none. */
const noteFocus = `(() => {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) return "end";
  globalThis.reached ??= new Set();
  if (reached.has(activeElement)) return "end";
  reached.add(activeElement);
  for (const label of activeElement.labels ?? []) reached.add(label);
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement);
  const isSeen = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  return isSeen ? "seen" : activeElement.outerHTML.slice(0, 160);
})()`;

test("the Tab key comes to everything that a pointer can press, and shows where it is", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const { address, traceId, requestId } = viewer;
  for (const [path, landmark] of [
    ["/", ".home tbody tr"],
    ["/dashboards", ".dashboard-list li"],
    [`/d/miniserve-one-request/x?var-traceId=${traceId}&var-request=${requestId}`, ".span-button"],
    [exploreLink("{ } | rate() by (name)"), ".answer .legend-entry"],
    [`/trace/${traceId}`, ".span-button"],
  ] as const) {
    const { page } = await openPage(context, `${address}${path}`, { ...wide, theme: "dark" });
    await page.locator(landmark).first().waitFor();
    if (path.startsWith("/d/")) {
      await seeAllPanels(page);
    }
    const unseen: string[] = [];
    for (;;) {
      await page.keyboard.press("Tab");
      const noted = await page.evaluate<string>(noteFocus);
      if (noted === "end") {
        break;
      }
      if (noted !== "seen") {
        unseen.push(noted);
      }
    }
    assert.deepEqual(unseen, [], `${path}: focus that is not seen`);
    assert.deepEqual(await page.evaluate(unreached), [], `${path}: only with a pointer`);
    await page.close();
  }
});
