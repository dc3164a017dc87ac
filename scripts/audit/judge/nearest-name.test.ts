import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestName } from "./nearest-name.ts";

const names = [
  "vllm:kv_cache_usage_perc",
  "vllm:prefix_cache_hits_total",
  "vllm:request_time_per_output_token_seconds_bucket",
  "vllm:time_to_first_token_seconds_bucket",
  "jvm_memory_used_bytes",
  "http.request.method",
  "llm.tokens.out",
  "llm.tokens.in",
];

const meant = [
  ["vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc"],
  ["vllm:gpu_prefix_cache_hits_total", "vllm:prefix_cache_hits_total"],
  [
    "vllm:time_per_output_token_seconds_bucket",
    "vllm:request_time_per_output_token_seconds_bucket",
  ],
  ["jvm_memory_bytes_used", "jvm_memory_used_bytes"],
  ["http.method", "http.request.method"],
  ["llm.token.out", "llm.tokens.out"],
  ["llmTokensIn", "llm.tokens.in"],
  ["node_load1", undefined],
  ["x".repeat(100_000), undefined],
] as const;

test("the name that was meant is found by its letters, else by its words", () => {
  assert.deepEqual(
    meant.map(([name]) => [name, nearestName(name, names)]),
    meant,
  );
});
