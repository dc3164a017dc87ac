import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfiguration } from "../config.ts";
import { loadIndexingModels } from "../indexing.ts";
import { checkRetrieval } from "./retrieval-check.ts";

/** What the generated model reached when this was written was 0.75 and 0.67. */
const floor = { hitRate: 0.65, meanReciprocalRank: 0.5 };

test("of 20 questions most find their document among the first three passages", async () => {
  const directory = await mkdtemp(join(tmpdir(), "miniserve-check-"));
  const result = readConfiguration({ MINISERVE_MODELS_DIRECTORY: directory });
  assert.ok("configuration" in result);
  const models = await loadIndexingModels(result.configuration, {});
  try {
    const checked = await checkRetrieval(models, new AbortController().signal);
    const table = checked.questions.map(({ rank, question }) => `${rank ?? "-"} ${question}`);
    assert.equal(checked.questions.length, 20);
    assert.ok(checked.hitRate >= floor.hitRate, table.join("\n"));
    assert.ok(checked.meanReciprocalRank >= floor.meanReciprocalRank, table.join("\n"));
  } finally {
    await models.close();
    await rm(directory, { recursive: true });
  }
});
