import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFaults } from "../testing/collect-faults.ts";
import { defineAttributes, int } from "./attribute.ts";
import { defineLogEvents, logEvent } from "./log-event.ts";

const brief = "It means something.";
const line = { brief, level: "info", span: null } as const;
const count = int("count", { brief, examples: [1] });

test("an event has its fields, those that it must have first", () => {
  const { happened } = defineLogEvents(defineAttributes({ count }), {
    happened: logEvent("it.happened", { ...line, optionalFields: ["count"] }),
  });
  assert.deepEqual(
    { ...happened },
    {
      identifier: "happened",
      name: "it.happened",
      ...line,
      fields: { count },
      required: [],
    },
  );
});

test("all faults of a set of log events are told at once", () => {
  // As they come when someone does not go through defineAttributes, which refuses content already.
  const fields = {
    count,
    content: int(String("llm.prompt"), { brief, examples: [1] }),
    spanId: int("span_id", { brief, examples: [1] }),
  };
  const [unknown, inherited] = ["cuont", "constructor"] as never[];
  const faults = collectFaults(() =>
    defineLogEvents(fields, {
      first: logEvent("it.happened", { ...line, fields: [unknown as never, "content", "spanId"] }),
      second: logEvent("it.happened", { ...line, fields: ["count"], optionalFields: ["count"] }),
      third: logEvent("it.ended", { ...line, optionalFields: [inherited as never] }),
    }),
  );
  assert.deepEqual(faults, [
    "first: there is no field cuont",
    'first: llm.prompt has "prompt" in it, which stands for content and is redacted',
    "first: span_id is in every line already",
    "second: lists count twice",
    "second: another event is called it.happened too",
    "third: there is no field constructor",
  ]);
});
