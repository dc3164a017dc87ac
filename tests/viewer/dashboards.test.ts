import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { miniserve } from "#miniserve";
import { generatedFiles } from "../../dashboards/index.ts";
import { toServices } from "../../tests/support/services.ts";
import { type Dashboard, readDashboards } from "../support/dashboard-panels.ts";
import { openPage, seeAllPanels, skipWithoutChromium, unfoldRows, type View } from "./chromium.ts";
import type { SeededViewer } from "./seeded-viewer.ts";
import { sharedViewer } from "./shared-viewer.ts";

const timeout = 240_000;
const wide = { width: 1440, height: 900 } as const;
const narrow = { width: 390, height: 844 } as const;
const views: readonly View[] = [
  { ...wide, theme: "dark" },
  { ...narrow, theme: "light" },
];

const shared = sharedViewer();

async function fetchDashboards({ address, traceId, requestId }: SeededViewer) {
  const { dashboards } = (await (await fetch(`${address}/api/viewer/provisioned`)).json()) as {
    dashboards: readonly { uid: string; url: string }[];
  };
  return dashboards.map(({ uid, url }) => ({
    uid,
    address: `${address}${url}?from=now-1h&to=now&var-traceId=${traceId}&var-request=${requestId}`,
  }));
}

const otherKindsSpans = Object.values(miniserve.spans)
  .filter(({ onlyFor }) => onlyFor?.isOneOf.includes("/v1/chat/completions") === false)
  .map(({ name }) => name);

/** As much of an element of the page as is asked here. */
interface Overflowing {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string | null;
}

test("every dashboard opens without a complaint, and every panel has its data", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const dashboards = await fetchDashboards(viewer);
  assert.ok(dashboards.length >= 5);
  for (const view of views) {
    for (const { uid, address } of dashboards) {
      const where = `${uid} ${view.theme} ${view.width}`;
      const { page, complaints, strangers } = await openPage(context, address, view);
      // What only Prometheus could answer is asked of nobody before somebody unfolds its row, and then
      // said in its place.
      assert.equal(await page.locator(".panel:has(.elsewhere)").count(), 0, where);
      await unfoldRows(page);
      await seeAllPanels(page);
      assert.deepEqual(complaints, [], where);
      assert.deepEqual(strangers, [], where);
      const without = await page
        .locator(".panel:has(.nothing)")
        .evaluateAll((panels) => panels.map((panel) => panel.getAttribute("aria-label")));
      // The chosen request is a chat.
      const expected = uid.endsWith("-one-request") ? otherKindsSpans : [];
      assert.deepEqual(without, expected, `${where}: panels without data`);
      assert.equal(await page.locator(".panel-header .warning").count(), 0, `${where}: left out`);
      const elsewhere = page.locator(".panel:has(.elsewhere)");
      if (uid.endsWith("-pipeline")) {
        // Their panels are drawn when their row is: on a busy machine, some time after the others.
        await elsewhere.nth(20).waitFor();
      } else {
        assert.equal(await elsewhere.count(), 0, `${where}: asked of Prometheus`);
      }
      const cutOff = await page
        .locator(".panel-header h3, .stat-name")
        .evaluateAll((texts) =>
          (texts as unknown as Overflowing[])
            .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
            .map(({ textContent }) => textContent),
        );
      // The id of a trace is longer than a narrow panel, and stands whole at the top of the page.
      const unforeseen = cutOff.filter((title) => !title?.includes(viewer.traceId));
      assert.deepEqual(unforeseen, [], `${where}: cut off`);
      const overhangPx = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.equal(overhangPx, 0, `${where}: wider than the window`);
      await page.close();
    }
  }
});

test("the page shows what the store has: numbers, rows, spans, lines of the log", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const dashboards = await fetchDashboards(viewer);
  const open = async (name: string) => {
    const found = dashboards.find(({ uid }) => uid.endsWith(name));
    const { page } = await openPage(context, found?.address ?? "", { ...wide, theme: "dark" });
    await seeAllPanels(page);
    return page;
  };
  const request = await open("one-request");
  const spans = request.locator('[aria-label^="Trace: "] .span-button');
  assert.equal(await spans.count(), 10);
  assert.match((await spans.first().textContent()) ?? "", /^http\.handler200 ms/);
  const lines = await request.locator(".log-line strong").allTextContents();
  assert.deepEqual(lines, ["first", "second"]);

  const overview = await open("overview");
  // What was found stands in a list of its severity, and leads on; what was not found is not there.
  const found = overview.locator('[aria-label="Warning"] .stat', {
    hasText: "Requests with the outcome timeout",
  });
  assert.equal(await found.locator(".stat-number").textContent(), "1");
  await found.getByRole("button").click();
  await overview.locator(".menu a").first().waitFor();
  const leads = await overview
    .locator(".menu a")
    .evaluateAll((links) =>
      links.map((link) => [
        link.textContent,
        new URL((link as unknown as { href: string }).href).pathname,
      ]),
    );
  assert.deepEqual(
    leads.map(([, path]) => path),
    ["/explore", "/d/miniserve-saved-queries"],
  );
  await overview.keyboard.press("Escape");
  // From a row of a table to its request, in the time range that was looked at.
  const rows = overview.locator('[aria-label="Empty answers"] tbody tr');
  const row = await rows.first().locator("a").first();
  await row.click();
  await overview.waitForURL(/\/d\/miniserve-one-request\?var-traceId=[0-9a-f]{32}&from=now-1h/);
  await seeAllPanels(overview);
  assert.ok((await overview.locator(".span-button").count()) >= 4);
  await overview.goBack();
  await overview.locator("h1", { hasText: "Overview" }).waitFor();
});

test("before a request is chosen, the newest are there to choose from, and nothing is at fault", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const address = `${viewer.address}/d/miniserve-one-request`;
  const { page, complaints } = await openPage(context, address, { ...wide, theme: "dark" });
  await unfoldRows(page);
  await seeAllPanels(page);
  assert.deepEqual(complaints, []);
  assert.equal(await page.locator('.panel[data-state="error"]').count(), 0);
  assert.equal(await page.locator(".span-button, .log-line").count(), 0);
  const newest = page.locator('[aria-label="Newest requests"]').first();
  const headings = newest.locator("th button");
  assert.deepEqual(
    (await headings.allTextContents()).map((text) => text.replace("↓", "")),
    ["Start time", "Duration", "request.outcome"],
  );
  await newest.locator("tbody a").first().click();
  await page.waitForURL(/\/d\/miniserve-one-request\?var-traceId=[0-9a-f]{32}&from=now-1h/);
  await page.locator('[aria-label^="Trace: "] .span-button').first().waitFor();
});

test("a cell has one link: the time leads to the request, the span's id to the span", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const address = `${viewer.address}/d/miniserve-saved-queries`;
  const { page } = await openPage(context, address, { ...wide, theme: "light" });
  await unfoldRows(page);
  await seeAllPanels(page);
  const cells = page.locator('[aria-label="Empty answers: table"] tbody tr').first().locator("td");
  const links = await cells.evaluateAll((all) =>
    all.map((cell) => [...cell.querySelectorAll("a")].map((link) => link.getAttribute("href"))),
  );
  const [time = [], ...others] = links;
  assert.match(time.join(), /^\/d\/miniserve-one-request\?var-traceId=[0-9a-f]{32}&/);
  assert.match(others.at(-1)?.join() ?? "", /^\/trace\/[0-9a-f]{32}\?span=[0-9a-f]{16}$/);
  assert.ok(others.slice(0, -1).every((cell) => cell.length === 0));
});

/** Runs in the page: counts who wants to draw. */
const countFrames = `
  globalThis.framesAsked = 0;
  const ask = requestAnimationFrame;
  globalThis.requestAnimationFrame = (callback) => {
    framesAsked += 1;
    return ask(callback);
  };`;

test("asks for what is seen, a few queries at once, and rests when it has its answers", {
  skip: skipWithoutChromium,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  const found = (await fetchDashboards(viewer)).find(({ uid }) => uid.endsWith("overview"));
  const { page } = await openPage(context, "about:blank", { ...wide, theme: "dark" });
  let [asked, running, most] = [0, 0, 0];
  const isQuery = (url: string) => url.includes("/api/datasources/proxy/");
  page.on("request", (request) => {
    if (isQuery(request.url())) {
      asked += 1;
      running += 1;
      most = Math.max(most, running);
    }
  });
  for (const event of ["requestfinished", "requestfailed"] as const) {
    page.on(event as "requestfinished", (request) => {
      running -= Number(isQuery(request.url()));
    });
  }
  await page.goto(found?.address ?? "");
  const panels = page.locator(".panel");
  await panels.first().and(page.locator('[data-state="ready"]')).waitFor();
  await page.locator('.panel[aria-busy="true"]').first().waitFor({ state: "detached" });
  const count = await panels.count();
  const { panels: all } = readDashboards(await generatedFiles(toServices(miniserve))).get(
    "overview",
  ) as Dashboard;
  const queries = all
    .flatMap(({ targets = [] }) => targets)
    .filter(({ query }) => query !== undefined);
  assert.ok(asked > 20 && asked < queries.length - 15, `${asked} of ${queries.length} asked`);
  assert.ok(most <= 4, `${most} at once`);
  const last = panels.nth(count - 1);
  assert.equal(await last.getAttribute("data-state"), "loading");
  await last.scrollIntoViewIfNeeded();
  await last.and(page.locator('[data-state="ready"]')).waitFor();
  // Others came into sight with it. What they were drawn with has its last frame after that.
  await page.locator('.panel[aria-busy="true"]').first().waitFor({ state: "detached" });
  await page.evaluate("new Promise((drawn) => setTimeout(drawn, 500))");

  const before = asked;
  await page.evaluate(countFrames);
  await sleep(1500);
  const frames = await page.evaluate<number>("framesAsked");
  assert.equal(frames, 0, "frames that an idle page asks for");
  assert.equal(asked, before, "queries of an idle page");
});
