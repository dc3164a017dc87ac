import assert from "node:assert/strict";
import { test } from "node:test";
import { isDurationField, isMetricsQuery, parseMetricsStage } from "./metrics-stage.ts";

test("a metrics query is one with a metrics function after a bar, outside of strings", () => {
  const metrics = [
    "{ } | rate() by (name)",
    "{ } | select(name)\n|quantile_over_time (duration, .5)",
    // Faults, and what only a newer Tempo may know.
    "{ } | rate( by",
    "({ } | rate()) / ({ } | count_over_time())",
  ];
  const searches = [
    '{ name = "| rate()" }',
    "{ name = `a\\` } | count() > 2",
    "{ } | select(span.rate)",
    "{ span.rate = 1 || rate",
    "",
    '{ name = "',
  ];
  assert.deepEqual([...metrics, ...searches].filter(isMetricsQuery), metrics);
});

test("what is measured is a duration by its name, whatever its spelling", () => {
  const isDuration = (text: string) => {
    const field = parseMetricsStage(text)?.of;
    return field == null ? undefined : isDurationField(field);
  };
  assert.deepEqual(
    [
      "{ } | quantile_over_time(duration, .5)",
      "{ } | max_over_time( span:duration )",
      "{ } | avg_over_time(traceDuration)",
      "{ } | max_over_time(span.duration)",
      "{ duration > 1s } | rate()",
      "{ duration > 1s }",
      "{ } | max_over_time(",
    ].map(isDuration),
    [true, true, true, false, undefined, undefined, undefined],
  );
});
