import { test } from "node:test";
import { assertOnlyKnownDifferences, withTempo } from "./random-queries.ts";

const seeds = Array.from({ length: 20 }, (_, index) => 6_000 + index);

test(
  "a real Tempo answers 5,000 random queries as the embedded store, but for the differences that are listed",
  withTempo,
  async (t) => {
    await assertOnlyKnownDifferences(t, { seeds, queries: 250 });
  },
);
