import assert from "node:assert/strict";
import { test } from "node:test";
import { runFuzz } from "./fuzz.ts";

const seed = 50_000_000;

test("50,000 random queries over random spans have the answers that plain loops give", async (context) => {
  context.diagnostic(`seed ${seed}`);
  assert.ok((await runFuzz({ queries: 50_000, seed })) >= 50_000);
});
