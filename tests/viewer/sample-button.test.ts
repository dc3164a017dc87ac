import assert from "node:assert/strict";
import { test } from "node:test";
import { getRootSpan, listChildren } from "#contract";
import { miniserve } from "#miniserve";
import { stackUnderTest } from "../stack/stack-under-test.ts";
import { openBrowser, openPage, skipWithoutChromium } from "./chromium.ts";

const timeout = 300_000;

test("the sample button has the stack's server answer, and leads to the trace with its log", {
  skip: skipWithoutChromium,
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const address = `http://127.0.0.1:${stack.ports.GRAFANA_PORT}`;
  const view = { width: 1440, height: 900, theme: "dark" } as const;
  const { page, complaints } = await openPage(await openBrowser(t), address, view);
  await page.locator(".runs dd", { hasText: /^ready/ }).waitFor();
  const requests = page.locator(".home tbody tr");
  await requests.first().waitFor();
  const before = await requests.count();
  await page.getByRole("button", { name: "Send a sample request" }).click();
  const link = page.getByRole("link", { name: "Its trace" });
  await link.waitFor();
  assert.match((await page.locator(".sample").textContent()) ?? "", /Answered: \d+ tokens in /);
  await requests.nth(before).waitFor();
  const id = (await link.getAttribute("href"))?.replace("/trace/", "") ?? "";
  assert.equal(await requests.first().locator("a").last().textContent(), id);
  await link.click();
  await page.getByText("As the contract says").waitFor();
  const spans = await page.locator(".span-name").allTextContents();
  const root = getRootSpan(miniserve);
  for (const { name, onlyFor } of [root, ...listChildren(miniserve, root)]) {
    const isOfChats = onlyFor?.isOneOf.includes("/v1/chat/completions") !== false;
    const isExpected = isOfChats && name !== miniserve.spans.retrieve.name;
    assert.equal(spans.includes(name), isExpected, name);
  }
  assert.ok((await page.locator(".trace-line").count()) >= 6);
  assert.deepEqual(complaints, []);
});
