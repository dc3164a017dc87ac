/** Addresses that lead nowhere say so, and lead on; and a keyboard reaches what a mouse does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { openPage, skipWithoutChromium } from "./chromium.ts";
import { sharedViewer } from "./shared-viewer.ts";

const timeout = 240_000;
const shared = sharedViewer();
const skip = skipWithoutChromium;
const wide = { width: 1280, height: 800, theme: "dark" } as const;

test("an address that leads nowhere says so, and leads on", { skip, timeout }, async () => {
  const { viewer, context } = await shared();
  const dead: readonly (readonly [path: string, status: number, says: RegExp, onwards: string])[] =
    [
      ["/nowhere", 404, /There is no such page here/, "/"],
      ["/trace/xyz", 404, /There is no such page here/, "/explore"],
      ["/d/none/title", 404, /There is no dashboard with this uid/, "/dashboards"],
      [`/trace/${"f".repeat(32)}`, 200, /The store has no trace f{32}/, "/explore"],
      ["/explore?panes=%7Bcut", 200, /query of this link could not be read/, "/"],
      ["/explore?left=%5B%22now-1h%22%5D", 200, /query of this link could not be read/, "/"],
    ];
  for (const [path, status, says, onwards] of dead) {
    const response = await fetch(`${viewer.address}${path}`);
    assert.equal(response.status, status, path);
    const { page } = await openPage(context, `${viewer.address}${path}`, wide);
    // Before it, the page says that it loads.
    await page.locator(".message", { hasText: says }).first().waitFor();
    await page.locator(`a[href="${onwards}"]`).first().click();
    await page.locator("main h1, .home").first().waitFor();
    await page.close();
  }
  const asset = await fetch(`${viewer.address}/assets/none.js`);
  assert.deepEqual([asset.status, await asset.text()], [404, "There is nothing here.\n"]);
});

/** What can be clicked and has no place in the order of Tab, nor stands in a list that arrows walk. */
const unreachable = `[...document.querySelectorAll("a, button, input, select, textarea, summary, [role=button], [role=option], [role=menuitem]")]
  .filter((one) => one.checkVisibility() && !one.disabled)
  .filter((one) => one.tabIndex < 0 && one.closest("[role=listbox], [role=menu], [role=radiogroup]") === null)
  .map((one) => one.outerHTML.slice(0, 120))`;

async function walkWithTab(page: Page): Promise<number> {
  await page.evaluate("document.activeElement?.blur(); globalThis.seen = new Set()");
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    const isNew = await page.evaluate<boolean>(
      "(() => { const one = document.activeElement; const isNew = one !== document.body && !seen.has(one); seen.add(one); return isNew; })()",
    );
    if (!isNew) {
      break;
    }
  }
  return page.evaluate<number>("seen.size");
}

test("Tab reaches every control of every page, and Enter opens a span", {
  skip,
  timeout,
}, async () => {
  const { viewer, context } = await shared();
  for (const path of ["/", "/dashboards", "/explore", `/trace/${viewer.traceId}`]) {
    const { page } = await openPage(context, `${viewer.address}${path}`, wide);
    await page.locator("main a, main button, main textarea").first().waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(await page.evaluate<string[]>(unreachable), [], path);
    assert.ok((await walkWithTab(page)) > 5, path);
    await page.close();
  }
  const { page } = await openPage(context, `${viewer.address}/trace/${viewer.traceId}`, wide);
  const span = page.locator(".span-button").nth(1);
  await span.focus();
  assert.equal(await span.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  assert.equal(await span.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Enter");
  assert.equal(await span.getAttribute("aria-expanded"), "false");
  await page.close();
});

test("on a phone, a panel without data takes a line", { skip, timeout }, async () => {
  const { viewer, context } = await shared();
  const phone = { width: 390, height: 844, theme: "dark" } as const;
  const toMs = Date.now() - 40 * 86_400_000;
  const empty = `${viewer.address}/d/miniserve-overview?from=${toMs - 3_600_000}&to=${toMs}`;
  const { page } = await openPage(context, empty, phone);
  const heights =
    "[...document.querySelectorAll('.grid-place:has(.nothing)')].map((one) => one.offsetHeight)";
  await page.locator(".panel").first().waitFor();
  // Panels ask when they come near.
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, 500);
    await page.waitForTimeout(50);
  }
  await page.waitForLoadState("networkidle");
  const seen = await page.evaluate<number[]>(heights);
  assert.ok(seen.length > 10, `${seen.length} panels`);
  assert.ok(Math.max(...seen) < 130, seen.join());
  const height = await page.evaluate<number>("document.documentElement.scrollHeight");
  assert.ok(height < 7 * phone.height, `${height} px`);
  await page.close();
});
