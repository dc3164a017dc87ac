import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertNothingLeaked, createSecrets } from "../support/canary.ts";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import type { RecordingProxy } from "../support/recording-proxy.ts";
import { createRequestRecord } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withRecordedServer } from "../support/with-server.ts";

const places = [
  "input",
  "input that is too long",
  "query",
  "document",
  "document that is too long",
  "model",
  "user",
  "encoding",
  "name of a parameter",
  "field of a document",
  "wrong value",
] as const;

describe("what is embedded and ranked", () => {
  const { secrets, secret } = createSecrets(places);
  const errorBodies: string[] = [];
  let receiver: OtlpReceiver;
  let proxy: RecordingProxy;
  let server: ServerProcess;

  withRecordedServer({ model: endlessModel() }, (running) => {
    ({ receiver, proxy, server } = running);
  });

  async function send(route: string, body: object, status: number): Promise<void> {
    const answer = await postJson(`${server.url}${route}`, body);
    assert.equal(answer.status, status, answer.text);
    if (status !== 200) {
      errorBodies.push(answer.text);
    }
    await createRequestRecord(server, receiver, answer.traceId);
  }

  test("is told nowhere, whether it is taken or refused", async () => {
    const [model, user] = [secret("model"), secret("user")];
    const long = (place: (typeof places)[number]) => `${secret(place)} `.repeat(400);
    const query = `what is ${secret("query")}`;
    const documents = [`about ${secret("document")}`, { text: secret("document") }];
    for (const [body, status] of [
      [{ input: secret("input"), model, user }, 200],
      [{ input: [secret("input"), secret("input")], encoding_format: "base64" }, 200],
      [{ input: long("input that is too long") }, 400],
      [{ input: "a", encoding_format: secret("encoding") }, 400],
      [{ input: "a", [secret("name of a parameter")]: 1 }, 400],
      [{ input: { text: secret("wrong value") } }, 400],
      [{ input: "a", dimensions: secret("wrong value") }, 400],
    ] as const) {
      await send("/v1/embeddings", body, status);
    }
    for (const [body, status] of [
      [{ query, documents, model, user }, 200],
      [{ query, documents: [long("document that is too long")] }, 400],
      [{ query: long("document that is too long"), documents }, 400],
      [{ query, documents: [{ [secret("field of a document")]: "a" }] }, 400],
      [{ query, documents, top_n: secret("wrong value") }, 400],
    ] as const) {
      await send("/v1/rerank", body, status);
    }
    await assertNothingLeaked(secrets, { server, receiver, proxy, errorBodies });
  });
});
