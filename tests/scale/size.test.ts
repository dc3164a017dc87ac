/** What `stack:size` computes, held to a real server and to its own formulas. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { measured } from "../../stack/deployment/scale/size/measured.ts";
import { computeSize, type Load } from "../../stack/deployment/scale/size/size.ts";
import { encodeProtobuf } from "../../stack/trace-store/testing/encode-protobuf.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { ServerProcess } from "../support/server-process.ts";

const load: Load = {
  requestsPerSecond: 500,
  retrievalPercent: 0,
  tokens: 128,
  millisecondsPerToken: 50,
  sharePercent: 100,
  anomalyPercent: 0,
  retentionDays: 14,
};

function computeAmount(of: Load, name: string): number {
  const found = computeSize(of).lines.find((line) => line.name === name);
  assert.ok(found, name);
  return found.value;
}

test("a request has as many spans of as many bytes as the sizes are made of", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const server = await ServerProcess.start({ receiver });
  const requests = 6;
  for (let request = 0; request < requests; request += 1) {
    const { status } = await postJson(`${server.url}/v1/completions`, {
      prompt: "a",
      max_tokens: 4,
    });
    assert.equal(status, 200);
  }
  await server.stop();
  assert.equal(receiver.spans.length, requests * measured.spansPerRequest);
  const bytes = encodeProtobuf(receiver.spans).length / receiver.spans.length;
  t.diagnostic(`${bytes.toFixed(0)} bytes a span`);
  const ratio = bytes / measured.bytesPerSpan;
  assert.ok(ratio > 0.8 && ratio < 1.2, `${bytes.toFixed(0)} bytes a span`);
});

test("twice the requests are twice the spans, and never fewer parts", () => {
  const twice = { ...load, requestsPerSecond: 1000 };
  assert.equal(computeAmount(twice, "spans"), 2 * computeAmount(load, "spans"));
  assert.equal(computeAmount(load, "spans"), 2_500);
  assert.equal(computeAmount({ ...load, retrievalPercent: 100 }, "spans"), 4_500);
  for (const requestsPerSecond of [0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6]) {
    const [less, more] = [requestsPerSecond, requestsPerSecond * 2].map(
      (rps) => computeSize({ ...load, requestsPerSecond: rps }).replicas,
    );
    for (const [part, count] of Object.entries(less ?? {})) {
      assert.ok(count >= 1 && (more?.[part as "querier"] ?? 0) >= count, part);
    }
    assert.equal(less?.blockBuilder, less?.partitions);
  }
});

test("a share and a shorter retention make less of what is stored, and the same of what is sent", () => {
  const tenth = { ...load, sharePercent: 10 };
  assert.equal(computeAmount(tenth, "from the servers"), computeAmount(load, "from the servers"));
  assert.equal(
    computeAmount(tenth, "to Tempo").toPrecision(3),
    (computeAmount(load, "to Tempo") / 10).toPrecision(3),
  );
  const week = { ...load, retentionDays: 7 };
  assert.equal(computeAmount(week, "in the storage") * 2, computeAmount(load, "in the storage"));
  // 2,500 spans × 76 bytes × 86,400 seconds × 30 days.
  assert.equal(computeAmount(load, "stored in a month"), 492.5);
});
