import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import { withEngine } from "../../stack/trace-store/traceql/testing/oracle/engine-with-spans.ts";

const generated = resolve(import.meta.dirname, "..", "..", "dashboards", "generated");

/** The TraceQL of every panel, with what Grafana puts in the place of variables. */
function listPanelQueries(): string[] {
  const files = globSync("**/*.json", { cwd: generated });
  const found = files.flatMap((file) =>
    queriesIn(JSON.parse(readFileSync(join(generated, file), "utf8"))),
  );
  return found.map((text) => text.replace(/\$\{\w+:regex\}/g, "a").replace(/"\$\w+"/g, '"a"'));
}

function queriesIn(part: unknown): string[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  return Object.entries(part).flatMap(([key, value]) =>
    key === "query" && typeof value === "string" && value.startsWith("{")
      ? [value]
      : queriesIn(value),
  );
}

test("what is asked in the words of the contract gets no hint, on an empty store either", async () => {
  const saved = createSavedQueries(miniserve).flatMap(({ search, table, count }) => [
    search,
    table,
    ...(count === null ? [] : [count]),
  ]);
  const panels = listPanelQueries();
  assert.ok(saved.length > 10 && panels.length > 10, `${saved.length} ${panels.length}`);
  await withEngine([], async (engine) => {
    for (const text of [...saved, ...panels]) {
      assert.deepEqual(await engine.nameHints(text, { foundNothing: true }), [], text);
    }
  });
});
