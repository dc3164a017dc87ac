/** The viewer makes of answers the frames that Grafana's Tempo datasource was seen to make of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Frame } from "../../stack/viewer/data/frame.ts";
import type { MetricsAnswer, SearchAnswer } from "../../stack/viewer/data/tempo-answers.ts";
import { instantFrames, rangeFrames, spansFrame } from "../../stack/viewer/data/tempo-frames.ts";
import { type RecordedTarget, recordedTargets } from "./recorded-shapes.ts";

interface Recorded {
  readonly shape: string;
  readonly target: RecordedTarget;
  readonly toMs: number;
  readonly answer: unknown;
  readonly frames: readonly Frame[];
}

const recordAgain = "record again: see tests/grafana-data/record-frames.ts";
const file = join(import.meta.dirname, "recorded-frames.json");
const { recorded } = JSON.parse(readFileSync(file, "utf8")) as { recorded: readonly Recorded[] };

test("each form of an answer is recorded", () => {
  const [, service = ""] = /"([\w-]+)"/.exec(recorded[0]?.target.query ?? "") ?? [];
  assert.deepEqual(
    recorded.map(({ shape, target }) => [shape, target.query]),
    [...recordedTargets(service)].map(([shape, { query }]) => [shape, query]),
    recordAgain,
  );
});

for (const { shape, target, toMs, answer, frames } of recorded) {
  test(`${shape}: the same frames`, () => {
    const made =
      target.metricsQueryType === undefined
        ? [spansFrame(answer as SearchAnswer)]
        : target.metricsQueryType === "range"
          ? rangeFrames(answer as MetricsAnswer)
          : instantFrames(answer as MetricsAnswer, toMs);
    const isInstant = target.metricsQueryType === "instant";
    assert.deepEqual(
      made.map((frame) => comparable(frame, isInstant)),
      frames.map((frame) => comparable(frame, isInstant)),
    );
  });
}

test("the newest trace comes first, in whatever order the store has them", () => {
  const { answer } = recorded.find(({ shape }) => shape === "search, spans") ?? {};
  const { traces = [] } = answer as SearchAnswer;
  assert.ok(traces.length > 1);
  assert.deepEqual(spansFrame({ traces: traces.toReversed() }), spansFrame({ traces }));
});

/** The place of a link is one of each program; a single value has the time of its asking. */
function comparable({ name, fields }: Frame, isInstant: boolean) {
  return {
    name,
    fields: fields.map(({ config: { links, ...config }, labels, values, ...field }) => ({
      ...field,
      config,
      ...(labels === undefined ? {} : { labels }),
      values: isInstant && field.type === "time" ? values.length : values,
      linkTitles: links?.map(({ title }) => title) ?? [],
    })),
  };
}
