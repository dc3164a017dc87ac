import assert from "node:assert/strict";
import { test } from "node:test";
import { runFuzz } from "./fuzz.ts";

const seed = 20_261;

test("200 random queries over random spans have the answers that plain loops give", async (context) => {
  context.diagnostic(`seed ${seed}`);
  assert.ok((await runFuzz({ queries: 200, seed })) >= 200);
});
