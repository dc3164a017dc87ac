import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { miniserve } from "#miniserve";
import { openBrowser, openPage, skipWithoutChromium } from "./chromium.ts";
import { previewedCheckout } from "./previewed-checkout.ts";
import { startSeededViewer } from "./seeded-viewer.ts";

const timeout = 240_000;
const view = { width: 1440, height: 900, theme: "dark" } as const;
const panelFile = "dashboards/panels/requests.ts";
const generated = "dashboards/generated/miniserve/overview.json";

/** Scrolls, and leaves a mark in the page that loading it anew would take away. */
async function settle(page: Page): Promise<void> {
  await page.locator('.panel[data-state="ready"]').first().waitFor();
  await page.locator('.panel[aria-busy="true"]').first().waitFor({ state: "detached" });
  await page.evaluate("scrollTo(0, 500); globalThis.isSamePage = true");
}

async function readPlace(page: Page): Promise<unknown> {
  return await page.evaluate(
    "({ isSamePage: globalThis.isSamePage, scrollY, href: location.href })",
  );
}

/** The script that a page would have which is loaded now. */
async function fetchScript(address: string): Promise<string | undefined> {
  const page = await (await fetch(`${address}/explore`)).text();
  return /src="([^"]+)"/.exec(page)?.[1];
}

test("a title that is saved is shown in the open page, which stays where it is", {
  skip: skipWithoutChromium,
  timeout,
}, async (t) => {
  const { tempoUrl } = await startSeededViewer(t);
  const preview = await previewedCheckout(t, tempoUrl);
  const address = `${preview.address}/d/miniserve-overview/x?from=now-3h&to=now`;
  const { page, complaints } = await openPage(await openBrowser(t), address, view);
  await settle(page);
  const before = await readPlace(page);
  const committed = preview.read(generated);
  const took: number[] = [];
  let title = "Requests by outcome";
  for (const next of ["How they ended", "How they came out", "Requests by outcome"]) {
    preview.edit(panelFile, `"${title}"`, `"${next}"`);
    const saved = performance.now();
    await page.getByRole("article", { name: next, exact: true }).waitFor();
    took.push(Math.round(performance.now() - saved));
    title = next;
  }
  t.diagnostic(`from saving to seeing, in ms: ${took.join(", ")}`);
  assert.deepEqual(await readPlace(page), before);
  assert.equal(preview.read(generated), committed, "it writes no generated file");
  assert.deepEqual(complaints, []);

  // What the contract says reaches the queries, too.
  const script = await fetchScript(preview.address);
  const { key } = miniserve.attributes.outcome;
  const asked = page.waitForRequest((request) => request.url().includes(`${key}_renamed`));
  preview.edit("contract/miniserve/attributes.ts", `"${key}"`, `"${key}_renamed"`);
  await asked;
  await page.getByText("generate is due").waitFor();
  assert.deepEqual(await readPlace(page), before);
  // The next page is one with the new contract, not one with a copy of the old.
  while ((await fetchScript(preview.address)) === script) {
    await sleep(50);
  }
  await page.locator("header").getByRole("link", { name: "Explore" }).click();
  await page.getByRole("textbox", { name: /^TraceQL/ }).waitFor();
  assert.equal(await page.evaluate("globalThis.isSamePage"), undefined);
  assert.equal(await preview.end(), 0, preview.printed());
  await page.getByText("Preview ended").waitFor();
});

test("what is wrong with a file stands over the page until it is mended", {
  skip: skipWithoutChromium,
  timeout,
}, async (t) => {
  const { tempoUrl } = await startSeededViewer(t);
  const preview = await previewedCheckout(t, tempoUrl);
  const address = `${preview.address}/d/miniserve-overview/x`;
  const { page } = await openPage(await openBrowser(t), address, view);
  await settle(page);
  const before = await readPlace(page);
  const problems = page.getByRole("alert", { name: "Problems of the preview" });
  const sound = `title: "Requests by outcome"`;
  const shows = async (broken: string, expected: RegExp) => {
    const line = preview.edit(panelFile, sound, broken);
    await problems.getByText(`${panelFile}:${line}:`).first().waitFor();
    assert.match((await problems.textContent()) ?? "", expected);
    await page.getByRole("article", { name: "Duration of requests" }).waitFor();
    preview.edit(panelFile, broken, sound);
    await problems.waitFor({ state: "detached" });
  };
  await shows(
    `title: "Requests by outcome`,
    /The page shows what was there before.*It cannot be read/s,
  );
  await shows("title: 1", /The types do not fit.*TS2322: Type 'number' is not assignable/s);
  await shows(
    `title: (() => { throw new Error("on purpose"); })()`,
    /Generating failed.*Error: on purpose/s,
  );
  assert.deepEqual(await readPlace(page), before);
  const { key } = miniserve.attributes.tokensOut;
  const other = miniserve.attributes.tokensIn.key;
  preview.edit("contract/miniserve/attributes.ts", `"${key}"`, `"${other}"`);
  await problems
    .getByText(/contract\/miniserve\/attributes\.ts:\d+:\d+/)
    .first()
    .waitFor();
  assert.match((await problems.textContent()) ?? "", new RegExp(other.replaceAll(".", "\\.")));
  await page.keyboard.press("Escape");
  await problems.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^\d+ problems?$/ }).click();
  await problems.waitFor();
});
