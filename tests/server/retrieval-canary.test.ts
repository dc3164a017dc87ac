import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { logEvents, spans } from "#miniserve";
import { assertNothingLeaked, createSecrets } from "../support/canary.ts";
import { IndexScene, wholeTree } from "../support/index-fixture.ts";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import type { RecordingProxy } from "../support/recording-proxy.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
  type RequestRecord,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withRecordedServer } from "../support/with-server.ts";

const chatRoute = "/v1/chat/completions";
const plainRoute = "/v1/completions";

/** A secret in every place where a document or a request for passages can hold something. */
const places = [
  "document",
  "heading",
  "question",
  "prompt",
  "system",
  "name of an index",
  "malformed name of an index",
  "name of a field",
  "value of a field",
  "damaged passages",
  "damaged manifest",
] as const;

describe("what documents say, and what is asked of them", () => {
  const { secrets, secret } = createSecrets(places);
  /** What of the answers may repeat nothing: errors, and of others all but text and titles. */
  const errorBodies: string[] = [];
  let receiver: OtlpReceiver;
  let proxy: RecordingProxy;
  let server: ServerProcess;

  const settings = {
    MINISERVE_SLOTS: "1",
    MINISERVE_QUEUE_LIMIT: "0",
    MINISERVE_SLOT_TOKENS: "32000",
    MINISERVE_REQUEST_TIMEOUT_MS: "3000",
  };
  withRecordedServer({ model: endlessModel(), settings }, async (running) => {
    ({ receiver, proxy, server } = running);
    await using scene = await IndexScene.open({
      "garden.md": `# ${secret("heading")}\n\nTulips want sun. ${secret("document")}.\n`,
    });
    await scene.buildFor(server, "house");
    // So short that the message of JSON.parse would repeat all of it.
    await damage("unreadable", "passages.jsonl", secret("damaged passages"));
    const field = `"${secret("damaged passages")}"`;
    await damage("misshapen", "passages.jsonl", `{${field}: ${field}, "id": [${field}]}\n`);
    await damage("unusable", "manifest.json", secret("damaged manifest"));
  });

  /** The same index under another name, with one of its files replaced. */
  async function damage(name: string, file: string, content: string): Promise<void> {
    const indexes = join(server.directory, "indexes");
    await cp(join(indexes, "house"), join(indexes, name), { recursive: true });
    const manifestPath = join(indexes, name, "manifest.json");
    const { contents } = JSON.parse(await readFile(manifestPath, "utf8"));
    const folder = file === "manifest.json" ? "" : contents;
    await writeFile(join(indexes, name, folder, file), content);
  }

  const asking = (retrieval: object, more: object = {}) => ({
    messages: [
      { role: "system", content: secret("system") },
      { role: "user", content: `what do tulips want ${secret("question")}` },
    ],
    retrieval,
    max_tokens: 5,
    ...more,
  });
  const completion = {
    prompt: `tulips ${secret("prompt")}`,
    retrieval: { index: "house" },
    max_tokens: 5,
  };

  async function ask(
    body: object,
    route = chatRoute,
  ): Promise<{ answer: Answer; record: RequestRecord }> {
    const answer = await postJson(`${server.url}${route}`, body);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    return { answer, record };
  }

  async function refused(body: object, code: string, tree: readonly string[]): Promise<void> {
    const { answer, record } = await ask(body);
    assert.equal(JSON.parse(answer.text).error.code, code);
    assert.deepEqual(listTree(record), tree);
    errorBodies.push(answer.text);
  }

  /** An answer with passages in its prompt, whole or as a stream, without what the model said. */
  function readMetadata({ status, text }: Answer): string {
    assert.equal(status, 200, text);
    const documents = text.startsWith("data: ")
      ? text
          .split("\n\n")
          .filter((event) => event.startsWith("data: {"))
          .map((event) => JSON.parse(event.slice("data: ".length)))
      : [JSON.parse(text)];
    const titles = documents.flatMap(({ retrieval }) => retrieval?.documents ?? []);
    // The one place where a heading belongs.
    assert.deepEqual(
      titles.map(({ title }) => title),
      [secret("heading")],
    );
    return JSON.stringify(documents, (key, value: unknown) =>
      key === "choices" || key === "title" ? undefined : value,
    );
  }

  test("is in requests that are answered", async () => {
    for (const stream of [false, true]) {
      for (const [body, route] of [
        [asking({ index: "house" }, { stream }), chatRoute],
        [{ ...completion, stream }, plainRoute],
      ] as const) {
        const { answer, record } = await ask(body, route);
        errorBodies.push(readMetadata(answer));
        assert.deepEqual(listTree(record), wholeTree);
        // Without the passage before it the prompt would be no longer than the input.
        const { tokensIn } = getValues(record, spans.tokenize);
        const added = Number(getValues(record, spans.prefill).tokensIn) - Number(tokensIn);
        assert.ok(added > 20, `${added} tokens of passages`);
      }
    }
  });

  test("is in requests that are refused", async () => {
    const tokenized = treeBefore(spans.retrieve);
    await refused(asking({ index: secret("name of an index") }), "unknown_index", tokenized);
    const malformed = `../${secret("malformed name of an index")} `;
    await refused(asking({ index: malformed }), "unknown_index", tokenized);
    const value = secret("value of a field");
    for (const retrieval of [
      { [secret("name of a field")]: value },
      { index: [value] },
      { index: "house", top_k: value },
      { index: "house", rerank_k: { [value]: value } },
      value,
      [value],
    ]) {
      await refused(asking({}, { retrieval }), "invalid_parameter", treeUpTo(spans.handler));
    }
    await refused(asking({ index: "unusable" }), "index_unusable", tokenized);
  });

  test("is in requests that fail while passages are looked for", async () => {
    for (const index of ["unreadable", "misshapen"]) {
      for (const stream of [false, true]) {
        await refused(
          asking({ index }, { stream }),
          "retrieval_failed",
          treeUpTo(spans.vectorSearch),
        );
      }
    }
  });

  test("is in a request that finds no slot, in one that is left, and in one that takes too long", async () => {
    const traceId = randomBytes(16).toString("hex");
    const headers = { traceparent: `00-${traceId}-${"c".repeat(16)}-01` };
    const connection = await RawConnection.open(server.port);
    const long = asking({ index: "house" }, { stream: true, max_tokens: 30_000 });
    connection.write(rawPost(chatRoute, long, headers));
    await server.waitForLine(
      "its prompt to be evaluated",
      ({ event, trace_id }) => event === logEvents.inputPrefilled.name && trace_id === traceId,
    );
    await refused(
      asking({ index: "house" }),
      "queue_full",
      treeBefore(spans.prefill, ["retrieve"]),
    );
    connection.destroy();
    const left = await createRequestRecord(server, receiver, traceId);
    assert.equal(getValues(left, spans.handler).outcome, "aborted");
    const slow = asking({ index: "house" }, { max_tokens: 30_000 });
    await refused(slow, "request_timeout", treeUpTo(spans.decode, ["retrieve"]));
  });

  test("is in no line of the log, in no span and in no error", () =>
    assertNothingLeaked(secrets, { server, receiver, proxy, errorBodies }));
});
