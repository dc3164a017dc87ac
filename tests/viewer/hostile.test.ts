import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openBrowser, openPage, seeAllPanels, skipWithoutChromium } from "./chromium.ts";
import { startSeededViewer } from "./seeded-viewer.ts";

const timeout = 120_000;
const view = { width: 1440, height: 900, theme: "dark" } as const;

const markup = `<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>`;
const tempo = { type: "tempo", uid: "tempo" };

function panel(id: number, type: string, more: object) {
  return { id, type, title: `${type} ${id}`, gridPos: { x: 0, y: id * 8, w: 24, h: 8 }, ...more };
}

const search = (query: string) => ({
  datasource: tempo,
  targets: [{ refId: "A", datasource: tempo, queryType: "traceql", tableType: "spans", query }],
});

/** What somebody might put into a dashboard, or break in it. */
const hostileBoard = {
  uid: "hostile",
  title: `Hostile ${markup}`,
  links: [
    { title: "Bad", type: "link", url: "javascript:globalThis.hacked=1" },
    { title: `Good ${markup}`, type: "link", url: "/dashboards" },
  ],
  panels: [
    panel(1, "text", {
      options: {
        mode: "markdown",
        content: `# Head\n${markup}\n\n[bad](javascript:globalThis.hacked=1) [good](/dashboards) ![picture](http://elsewhere.example/x.png)\n\n- **one** of\n- two`,
      },
    }),
    panel(2, "text", { options: { mode: "html", content: markup } }),
    panel(3, "table", {
      ...search("{ } | select(span.llm.model)"),
      description: markup,
      fieldConfig: {
        overrides: [
          {
            matcher: { id: "byName", options: "llm.model" },
            properties: [{ id: "links", value: [{ title: "x", url: "${__value.raw}" }] }],
          },
        ],
      },
    }),
    panel(4, "timeseries", search("{ } | rate() by (span.llm.model)")),
    panel(5, "geomap", search("{ }")),
    panel(6, "table", search("{ this is no TraceQL")),
    panel(7, "timeseries", {
      ...search("{ } | rate()"),
      transformations: [{ id: "sortBy", options: {} }],
    }),
    panel(8, "logs", {
      targets: [{ refId: "A", datasource: { uid: "loki" }, expr: 'rate({a="b"}[5m])' }],
    }),
    panel(10, "stat", { ...search("{ } | rate()"), title: 1, description: {}, links: 7 }),
    panel(11, "table", { ...search("{ }"), fieldConfig: { overrides: [{ matcher: null }] } }),
    panel(9, "stat", {
      targets: [{ refId: "A", datasource: { uid: "prometheus" }, query: "{ } | rate()" }],
    }),
  ],
};

function hostileFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-hostile-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "miniserve"));
  writeFileSync(join(folder, "miniserve", "hostile.json"), JSON.stringify(hostileBoard));
  writeFileSync(join(folder, "miniserve", "broken.json"), `{"title": "${"x".repeat(10)}"`);
  return folder;
}

test("markup in traces and dashboards is text, and what cannot be shown says so in its place", {
  skip: skipWithoutChromium,
  timeout,
}, async (t) => {
  const viewer = await startSeededViewer(t, hostileFolder(t));
  for (const model of [markup, "javascript:globalThis.hacked=1"]) {
    await viewer.plant({ spans: { handler: { values: { model } } } });
  }
  const context = await openBrowser(t);
  const { page, complaints, strangers } = await openPage(
    context,
    `${viewer.address}/d/hostile`,
    view,
  );
  await seeAllPanels(page);
  const fetchText = async (id: number) =>
    (await page.locator(`[data-panel="${id}"] .panel-body`).textContent()) ?? "";

  assert.match(await fetchText(1), /Head.*<img src=x.*bad good.*picture.*one of.*two/s);
  assert.equal(await page.locator("main img, main script, main iframe").count(), 0);
  assert.deepEqual(
    await page
      .locator('[data-panel="1"] a')
      .evaluateAll((links) => links.map((link) => link.textContent)),
    ["good"],
  );
  assert.match(await fetchText(2), /<script>globalThis/);
  const table = await fetchText(3);
  assert.ok(table.includes(markup) && table.includes("javascript:globalThis.hacked=1"), table);
  assert.ok((await fetchText(4)).includes(markup));
  assert.match(await fetchText(5), /no panels of the type “geomap”/);
  assert.match(await fetchText(6), /parse error at line 1/);
  assert.match(await fetchText(8), /There is no Loki here/);
  assert.match(
    await fetchText(9),
    /^Grafana asks Prometheus for this\. The embedded viewer knows traces/,
  );
  assert.match(await fetchText(10), /This panel cannot be drawn/);
  assert.match(await fetchText(11), /This panel cannot be drawn/);
  await page.locator('[data-panel="7"] .warning').click();
  await page.getByText("The transformation sortBy is left out here.").waitFor();
  await page.locator('[data-panel="3"] .panel-menu').focus();
  await page.keyboard.press("Escape");

  assert.deepEqual(
    await page
      .locator(".dashboard-links a")
      .evaluateAll((links) => links.map((link) => link.textContent)),
    [`Good ${markup}`],
  );
  assert.match(
    (await page.locator(".message-warning").textContent()) ?? "",
    /broken\.json: It is not JSON/,
  );
  for (const href of await page
    .locator("a")
    .evaluateAll((links) => links.map((link) => String(link.getAttribute("href"))))) {
    assert.doesNotMatch(href, /^\s*javascript:/i);
  }
  assert.equal(await page.evaluate("globalThis.hacked"), undefined);
  assert.deepEqual(strangers, []);
  // What the store and the viewer refuse, the browser says as well; nothing else.
  const others = complaints.filter((line) => !/status of (400|501)/.test(line));
  assert.deepEqual(others, []);
});

test("by keys and by pointer: time, variables, rows, one panel, the theme, its query", {
  skip: skipWithoutChromium,
  timeout,
}, async (t) => {
  const viewer = await startSeededViewer(t);
  const context = await openBrowser(t);
  const overview = `${viewer.address}/d/miniserve-overview/x`;
  const { page, complaints } = await openPage(context, overview, view);
  const parameter = (name: string) => new URL(page.url()).searchParams.get(name);
  await page.locator(".panel").first().waitFor();

  await page.getByRole("button", { name: /^Time range/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "From" }).fill("now-30m");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Time range: Last 30 minutes/ }).waitFor();
  assert.equal(parameter("from"), "now-30m");

  await page.getByRole("button", { name: /^service.version: All/ }).click();
  await page.getByLabel("A value for service.version").fill("no-such-build");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^service.version: no-such-build/ }).waitFor();
  assert.equal(parameter("var-serviceVersion"), "no-such-build");
  const requests = page.locator('article[aria-label="Requests"]');
  await requests.locator(".stat-number", { hasText: /^0$/ }).waitFor();
  await page.goBack();
  await requests.locator(".stat-number", { hasText: /^\d\d+$/ }).waitFor();

  const row = page.getByRole("button", { name: /^Now/ });
  await row.press("Enter");
  assert.equal(await row.getAttribute("aria-expanded"), "false");
  assert.equal(await requests.count(), 0);
  await row.press("Enter");

  await requests.locator(".panel-menu").press("Enter");
  await page
    .locator(".menu pre", { hasText: 'name = "http.handler" } | count_over_time()' })
    .waitFor();
  const explore = await page
    .locator(".menu a", { hasText: "Open in Explore" })
    .getAttribute("href");
  assert.match(explore ?? "", /^\/explore\?schemaVersion=1&orgId=1&panes=%7B/);
  await page.getByRole("button", { name: "View alone" }).click();
  await page.getByRole("button", { name: "All panels" }).waitFor();
  assert.equal(await page.locator(".panel").count(), 1);
  assert.ok(Number(parameter("viewPanel")) > 0);
  await page.getByRole("button", { name: "All panels" }).first().click();
  await page.locator(".row-title").first().waitFor();

  await page.getByRole("button", { name: "Change to the light theme" }).click();
  await page.locator('html[data-theme="light"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="light"]').waitFor();

  await page.goto(`${overview}?from=tomorrow`);
  await page.getByText("The time range of this address is none.").waitFor();
  assert.deepEqual(complaints, []);
});
