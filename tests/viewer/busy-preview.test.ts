/** A preview on a machine that has too much to do, and one that is ended while it is at work. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type PreviewedCheckout, previewedCheckout } from "./previewed-checkout.ts";

const timeout = 280_000;
const panelFile = "dashboards/panels/requests.ts";
const sound = `title: "Requests by outcome"`;

/** Something that says it is a Tempo, and when it is asked so for the first time. */
async function startEcho(t: TestContext) {
  const echo = createServer((_, response) => response.end("echo"));
  await new Promise<void>((listening) => echo.listen(0, "127.0.0.1", listening));
  t.after(() => {
    echo.closeAllConnections();
    echo.close();
  });
  return {
    url: `http://127.0.0.1:${(echo.address() as { port: number }).port}`,
    asked: once(echo, "request"),
  };
}

/** Two processes that never rest, while the test runs and not much longer than any. */
function keepBusy(t: TestContext): void {
  for (let count = 0; count < 2; count++) {
    const endless = "const end = Date.now() + 240_000; while (Date.now() < end);";
    const child = spawn(process.execPath, ["-e", endless]);
    t.after(() => child.kill("SIGKILL"));
  }
}

async function fetchTitles({ address }: PreviewedCheckout): Promise<string[]> {
  const answer = await fetch(`${address}/api/dashboards/uid/miniserve-overview`);
  assert.equal(answer.status, 200, await answer.clone().text());
  const { dashboard } = (await answer.json()) as { dashboard: { panels: { title: string }[] } };
  return dashboard.panels.map(({ title }) => title);
}

async function untilShown(preview: PreviewedCheckout, title: string): Promise<void> {
  while (!(await fetchTitles(preview)).includes(title)) {
    await sleep(100);
  }
}

const complaints = /endless loop|goroutine|defect of this program|ended by itself|Error/;

test("on a busy machine it waits, shows what is saved, and ends without a word", {
  timeout,
}, async (t) => {
  const { url } = await startEcho(t);
  keepBusy(t);
  const preview = await previewedCheckout(t, url);
  assert.ok((await fetchTitles(preview)).includes("Requests by outcome"));
  preview.edit(panelFile, sound, `title: "How they ended"`);
  await untilShown(preview, "How they ended");
  preview.edit(panelFile, `title: "How they ended"`, sound);
  assert.equal(await preview.end(), 0, preview.printed());
  assert.doesNotMatch(preview.printed(), complaints);
});

test("what never ends is said to take long, and the next save begins anew", {
  timeout,
}, async (t) => {
  const { url } = await startEcho(t);
  const preview = await previewedCheckout(t, url);
  const endless = `title: (() => { for (;;); })() as string`;
  preview.edit(panelFile, sound, endless);
  while (!/has taken \d+ s so far, and goes on/.test(preview.printed())) {
    await sleep(100);
  }
  // What was there before stays to be seen.
  assert.ok((await fetchTitles(preview)).includes("Requests by outcome"));
  preview.edit(panelFile, endless, `title: "Mended"`);
  await untilShown(preview, "Mended");
  preview.edit(panelFile, `title: "Mended"`, endless);
  await sleep(500);
  assert.equal(await preview.end(), 0, preview.printed());
  assert.doesNotMatch(preview.printed(), complaints);
});

test("a source that is broken from the start leaves what was generated last to be seen", {
  timeout,
}, async (t) => {
  const { url } = await startEcho(t);
  const preview = await previewedCheckout(t, url, (edit) => edit(panelFile, sound, "title: 1 +"));
  assert.ok((await fetchTitles(preview)).includes("Requests by outcome"));
  preview.edit(panelFile, "title: 1 +", `title: "Mended"`);
  await untilShown(preview, "Mended");
  assert.equal(await preview.end(), 0, preview.printed());
});

test("Ctrl-C while it starts ends it at once and without a word", { timeout }, async (t) => {
  const checkout = resolve(import.meta.dirname, "..", "..");
  for (const waitMs of [0, 300, 900, 1_500]) {
    const { url, asked } = await startEcho(t);
    const program = join("scripts", "dashboards-preview.ts");
    const child = spawn(
      process.execPath,
      [...process.execArgv, program, "--tempo", url, "--port", "0"],
      { cwd: checkout, stdio: ["ignore", "pipe", "pipe"], detached: true },
    );
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += chunk;
      });
    }
    const ended = once(child, "close");
    await asked;
    await sleep(300 + waitMs);
    // As a terminal does it: to everybody in the foreground.
    process.kill(-(child.pid ?? 0), "SIGINT");
    const [code] = await ended;
    assert.equal(code, 0, printed);
    assert.doesNotMatch(printed, complaints);
  }
});
