import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { ServerProcess } from "../support/server-process.ts";

const untracedBy = {
  OTEL_SDK_DISABLED: "true",
  OTEL_TRACES_SAMPLER: "always_off",
} as const;

describe("without tracing", () => {
  for (const [variable, value] of Object.entries(untracedBy)) {
    test(`${variable}=${value}: no X-Trace-Id and no span, but lines that belong together`, async () => {
      const receiver = await OtlpReceiver.start();
      try {
        const settings = { [variable]: value };
        await using server = await ServerProcess.start({ receiver, settings });
        const url = `${server.url}/v1/completions`;
        const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
        const answers = [
          await postJson(url, { prompt: "x", max_tokens: 2 }),
          await postJson(url, { prompt: "x", max_tokens: 2, stream: true }),
          await postJson(url, { prompt: 7 }),
          await postJson(url, { prompt: "x", max_tokens: 2 }, { traceparent }),
        ];
        assert.deepEqual(
          answers.map((answer) => [answer.status, answer.headers.has("x-trace-id")]),
          [
            [200, false],
            [200, false],
            [400, false],
            [200, false],
          ],
        );
        assert.equal((await server.stop()).code, 0);
        const stories = [...Map.groupBy(linesOfRequests(server), (line) => line.trace_id).values()];
        assert.deepEqual(
          stories.map((lines) => lines.length),
          [7, 7, 2, 7],
        );
        for (const lines of stories) {
          const [first, last] = [lines[0], lines.at(-1)];
          assert.equal(first?.event, "request.received");
          assert.equal(last?.event, "request.finished");
          // The root's lines have one span id, and those of the four stages one each.
          assert.equal(new Set(lines.map((line) => line.span_id)).size, lines.length > 2 ? 5 : 1);
          assert.equal(first?.span_id, last?.span_id);
        }
        assert.equal(stories[3]?.[0]?.trace_id, "a".repeat(32));
        assert.equal(receiver.spans.length, 0);
      } finally {
        await receiver.stop();
      }
    });
  }
});

function linesOfRequests(server: ServerProcess) {
  return server.fileLines.filter((line) => line.trace_id !== undefined);
}
