import { test } from "node:test";
import { assertOnlyKnownDifferences, withTempo } from "./random-queries.ts";

test(
  "a real Tempo answers 200 random queries as the embedded store, but for the differences that are listed",
  withTempo,
  async (t) => {
    await assertOnlyKnownDifferences(t, { seeds: [1, 2], queries: 100 });
  },
);
