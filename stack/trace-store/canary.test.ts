import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { type EmbeddedEvent, type EmbeddedStack, startEmbeddedStack } from "./index.ts";
import { decodeResponse, encodeProtobuf } from "./testing/encode-protobuf.ts";
import { grpcExporter, send } from "./testing/send.ts";
import { spanWithSecrets } from "./testing/span-with-secrets.ts";

/** Letters that no id has, so that nothing but the secret itself looks like it. */
const secret = "zyxwvuts rqponmlk jihgzyx";
const openly = "ghijklmn opqrstuv wxyzghi";

async function startStack(changes: Partial<Parameters<typeof startEmbeddedStack>[1]> = {}) {
  const dataDirectory = temporaryDirectory();
  const events: EmbeddedEvent[] = [];
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory,
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
    onEvent: (event) => events.push(event),
    ...changes,
  });
  return { stack, events, dataDirectory };
}

async function exportSpans(stack: EmbeddedStack, spans: readonly Span[]) {
  const { status, body } = await send({
    port: stack.ports.otlpHttp,
    path: "/v1/traces",
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeProtobuf(spans),
  });
  assert.equal(status, 200, body.toString());
  return decodeResponse(body) as {
    partialSuccess?: { rejectedSpans?: string; errorMessage: string };
  };
}

async function ask(stack: EmbeddedStack, path: string, parameters = {}, headers = {}) {
  const query = new URLSearchParams(parameters);
  const answer = await send({ port: stack.ports.tempo, path: `${path}?${query}`, headers });
  assert.ok([200, 400, 404].includes(answer.status), `${path} ${answer.status}`);
  return answer.body.toString();
}

/** Everything that the API has to say. */
async function everyAnswer(stack: EmbeddedStack, traceIds: readonly string[]): Promise<string> {
  const answers: string[] = [];
  const protobuf = { accept: "application/protobuf" };
  for (const headers of [{}, protobuf]) {
    for (const traceId of traceIds) {
      answers.push(await ask(stack, `/api/traces/${traceId}`, {}, headers));
      answers.push(await ask(stack, `/api/v2/traces/${traceId}`, {}, headers));
    }
    answers.push(await ask(stack, "/api/search/tags", {}, headers));
  }
  const names = await ask(stack, "/api/v2/search/tags");
  answers.push(names);
  const { scopes } = JSON.parse(names) as { scopes: { name: string; tags: string[] }[] };
  for (const { name: scope, tags } of scopes) {
    for (const tag of tags) {
      const field = scope === "intrinsic" ? tag : `${scope}.${JSON.stringify(tag)}`;
      const path = `/api/v2/search/tag/${encodeURIComponent(field)}/values`;
      answers.push(await ask(stack, path));
      answers.push(
        await ask(stack, "/api/search", { q: `{ ${field} != nil } | select(${field})` }),
      );
    }
  }
  answers.push(await ask(stack, "/api/search", { q: "{ }", spss: "100" }));
  answers.push(await ask(stack, "/api/search", { tags: "service.name=miniserve" }));
  const by = "{ } | rate() by (name, statusMessage, event:name, span.user.note)";
  answers.push(await ask(stack, "/api/metrics/query", { q: by, since: "24h" }));
  answers.push(await ask(stack, "/api/metrics/query_range", { q: by }));
  answers.push(await ask(stack, "/status/intake"));
  return answers.join("\n");
}

function bytesOnDisk(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

test("with the allow-list, no secret of the contract's service is stored, answered or told", async () => {
  const { stack, events, dataDirectory } = await startStack({ isAllowListOn: true });
  const now = BigInt(Date.now()) * 1_000_000n;
  const times = { startTimeUnixNano: now, endTimeUnixNano: now + 1_000_000n };
  const traceIds = ["a", "b"].map((digit) => digit.padStart(32, "0"));
  const [ours = "", other = ""] = traceIds;
  const answered = await exportSpans(stack, [
    { ...spanWithSecrets("miniserve", secret), ...times, traceId: ours },
    { ...spanWithSecrets("another", openly), ...times, traceId: other },
  ]);
  const warning = answered.partialSuccess?.errorMessage ?? "";
  assert.match(warning, /^The allow-list removed: .*span attribute \(5\)/);
  assert.equal(answered.partialSuccess?.rejectedSpans ?? "0", "0");
  const answers = await everyAnswer(stack, traceIds);
  const counts = JSON.parse(await ask(stack, "/status/intake"));
  await stack.close();
  const told = JSON.stringify(events);
  const onDisk = bytesOnDisk(dataDirectory);
  assert.deepEqual(counts.spans, { taken: 2, rejected: 0 });
  assert.equal(counts.removed["span attribute"], 5);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["spans_filtered"],
  );
  for (const [place, text] of Object.entries({ warning, answers, told, onDisk })) {
    assert.ok(!text.includes(secret), `a secret is in: ${place}`);
    assert.ok(!text.includes(Buffer.from(secret).toString("base64").slice(0, 20)), place);
  }
  // The other service's would be found.
  assert.ok(answers.includes(openly) && onDisk.includes(openly));
  assert.match(answers, /"redacted"/);
});

test("without it everything is kept; long texts are cut, counted and said", async () => {
  const { stack, events } = await startStack({ textLimitBytes: 100 });
  const span = spanWithSecrets("miniserve", "long ".repeat(30));
  const grpc = grpcExporter(stack.ports.otlpGrpc);
  const { partialSuccess } = decodeResponse(await grpc.export(encodeProtobuf([span]))) as {
    partialSuccess: { rejectedSpans?: string; errorMessage: string };
  };
  grpc.close();
  assert.match(
    partialSuccess.errorMessage,
    /^Changed: texts longer than STACK_TEXT_LIMIT_BYTES, cut \(\d+\)\.$/,
  );
  assert.equal(partialSuccess.rejectedSpans ?? "0", "0");
  const trace = await ask(stack, `/api/v2/traces/${span.traceId}`);
  assert.ok(trace.includes("long ".repeat(20)) && !trace.includes("long ".repeat(21)));
  const counts = JSON.parse(await ask(stack, "/status/intake"));
  assert.ok((counts.outcomes.text_cut ?? 0) > 20);
  assert.deepEqual(events, [{ type: "spans_filtered", outcomes: counts.outcomes, removed: {} }]);
  await stack.close();
});

test("what is refused is counted by its reason", async () => {
  const { stack } = await startStack();
  const post = (body: Buffer, contentType = "application/x-protobuf") =>
    send({
      port: stack.ports.otlpHttp,
      path: "/v1/traces",
      method: "POST",
      headers: { "content-type": contentType },
      body,
    });
  assert.equal((await post(Buffer.from([0x0a, 0x05]))).status, 400);
  assert.equal((await post(Buffer.from("{"), "application/json")).status, 400);
  assert.equal((await post(Buffer.alloc(17 * 1024 * 1024))).status, 413);
  const counts = JSON.parse(await ask(stack, "/status/intake"));
  assert.deepEqual(counts.exports, { taken: 0, refused: 3 });
  assert.deepEqual(counts.refusals, { malformed: 2, too_large: 1 });
  await stack.close();
});
