/** A trace of a service that no contract declares, its spans failed, as commands show it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { hostileTrace, hostileTraceId } from "../support/hostile-peer.ts";
import { completeRequest } from "../support/traces/complete-request.ts";
import { stackUnderTest } from "./stack-under-test.ts";

const timeout = 120_000;
const line = "shop is not a service of a contract: not judged.";

/** A store that has one trace, and its file. */
async function createFixture(t: TestContext, resourceSpans: readonly unknown[]) {
  const folder = mkdtempSync(join(tmpdir(), "miniserve-foreign-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "trace.json");
  writeFileSync(file, JSON.stringify({ resourceSpans }));
  const store = createServer((_, response) => {
    response.end(JSON.stringify({ trace: { resourceSpans } }));
  });
  await new Promise<void>((listening) => store.listen(0, "127.0.0.1", listening));
  t.after(() => store.close());
  const tempo = `http://127.0.0.1:${(store.address() as { port: number }).port}`;
  const { run } = await stackUnderTest(t);
  return {
    show: await run("scripts/trace-show.ts", hostileTraceId, "--tempo", tempo),
    check: await run("scripts/trace-check.ts", file),
    asJson: await run("scripts/trace-check.ts", file, "--json"),
    exported: await run(
      ...(["scripts/trace-export.ts", hostileTraceId, "--tempo", tempo] as const),
      ...["--out", join(folder, "out.json")],
    ),
  };
}

test("alone it is not judged, and neither good nor bad", { timeout }, async (t) => {
  const { show, check, asJson, exported } = await createFixture(
    t,
    hostileTrace("shop").resourceSpans,
  );
  for (const { stdout } of [show, check, exported]) {
    assert.ok(stdout.includes(line), stdout);
    assert.doesNotMatch(stdout, /As contracted|^valid$|violation|fault|✗/m);
  }
  assert.deepEqual([show.exitCode, check.exitCode, exported.exitCode], [0, 1, 0]);
  assert.equal(JSON.parse(asJson.stdout).valid, null);
});

test("beside a request of ours, it is said which part is judged", { timeout }, async (t) => {
  const { show, check } = await createFixture(t, [
    ...writeResourceSpans(completeRequest(miniserve), "otlp"),
    ...hostileTrace("shop").resourceSpans,
  ]);
  for (const { stdout } of [show, check]) {
    assert.match(
      stdout,
      /Only what is of miniserve \(\d+ spans\) is judged\. shop is not a service/,
    );
  }
  assert.match(show.stdout, /^As contracted\.$/m);
  assert.match(check.stdout, /^valid$/m);
});
