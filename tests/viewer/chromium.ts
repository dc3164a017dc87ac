/** For tests: pages of the viewer in a real browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium, quietChromium } from "../../scripts/bench/viewer/chromium.ts";

const executablePath = findChromium(process.env.CHROMIUM_BIN);

/** Why tests with a browser are skipped here, or false where there is one. */
export const skipWithoutChromium =
  executablePath === undefined
    ? "there is no Chromium at /usr/bin/chromium: install it, or set CHROMIUM_BIN"
    : false;

export interface BrowsedPage {
  readonly page: Page;
  /** What the browser complained of: console errors, exceptions, violations of the policy. */
  readonly complaints: readonly string[];
  /** Addresses that were asked elsewhere than at the viewer. */
  readonly strangers: readonly string[];
}

export interface View {
  readonly width: number;
  readonly height: number;
  readonly theme: "dark" | "light";
}

/** Runs in the page, and is text here: the globals of pages are not those of tests. */
const tellViolations = `addEventListener("securitypolicyviolation", (event) => {
  console.error("policy violation: " + event.violatedDirective + " " + event.blockedURI);
});`;

/** What ends with a test, or with what else opens pages. */
export type Ending = Pick<TestContext, "after">;

/** A browser with an empty profile, which is gone after the test. */
export async function openBrowser(t: Ending): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "miniserve-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executablePath ?? "",
    headless: true,
    args: [...quietChromium],
  });
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  // A machine with neighbours takes its time; a test says by itself how long it may hang.
  context.setDefaultTimeout(100_000);
  await context.addInitScript(tellViolations);
  return context;
}

export async function openPage(
  context: BrowserContext,
  address: string,
  { width, height, theme }: View,
): Promise<BrowsedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(address).host) {
      strangers.push(request.url());
    }
  });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme });
  await page.goto(address);
  return { page, complaints, strangers };
}

/** Makes the window as long as the page, so that each panel is seen, and waits until all are answered. */
export async function seeAllPanels(page: Page): Promise<void> {
  await page.locator(".panel").first().waitFor();
  const height = await page.evaluate<number>("document.documentElement.scrollHeight");
  const width = page.viewportSize()?.width ?? 0;
  await page.setViewportSize({ width, height });
  await page.locator('.panel:not([data-state="ready"], [data-state="error"])').first().waitFor({
    state: "detached",
  });
}

/** Opens the rows that are folded, so that nothing of a dashboard is hidden. */
export async function unfoldRows(page: Page): Promise<void> {
  await page.locator(".row-title, .panel").first().waitFor();
  const folded = page.locator('.row-title [aria-expanded="false"]');
  for (let count = await folded.count(); count > 0; count -= 1) {
    await folded.last().click();
  }
}
