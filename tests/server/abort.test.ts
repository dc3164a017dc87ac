import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { RawConnection, rawPost, rawRequest } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
  type RequestRecord,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const plain = "/v1/completions";
/** Takes so long that it never ends before its client leaves. */
const endless = { prompt: "the story", max_tokens: 15_000 };

describe("a client that leaves", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer(
    {
      model: endlessModel(),
      settings: {
        MINISERVE_SLOTS: "1",
        MINISERVE_SLOT_TOKENS: "16000",
        MINISERVE_PREFILL_CHUNK_TOKENS: "8",
      },
    },
    (running) => {
      ({ receiver, server } = running);
    },
  );

  interface Client {
    readonly connection: RawConnection;
    readonly traceId: string;
    /** Waits for a line of the request's record. */
    reached(event: string): Promise<unknown>;
    /** Leaves, and waits for what the request leaves behind. */
    leave(how?: "destroy" | "resetAndDestroy"): Promise<RequestRecord>;
  }

  async function open(write: (headers: Record<string, string>) => string): Promise<Client> {
    const traceId = randomBytes(16).toString("hex");
    const connection = await RawConnection.open(server.port);
    connection.write(write({ traceparent: `00-${traceId}-${"c".repeat(16)}-01` }));
    return {
      connection,
      traceId,
      reached: (event) =>
        server.waitForLine(
          `${event} of ${traceId}`,
          (line) => line.event === event && line.trace_id === traceId,
        ),
      leave: async (how = "destroy") => {
        connection.socket[how]();
        const record = await createRequestRecord(server, receiver, traceId);
        assertSound(record);
        return record;
      },
    };
  }

  const send = (body: object): Promise<Client> => open((headers) => rawPost(plain, body, headers));

  function assertAborted(record: RequestRecord, statusCode: number): void {
    const root = getValues(record, spans.handler);
    assert.deepEqual(
      [root.outcome, root.statusCode, root.errorType],
      ["aborted", statusCode, undefined],
    );
  }

  async function status(): Promise<{ slots_busy: number; queue_length: number }> {
    const answer = await fetch(`${server.url}/readyz`);
    return JSON.parse(await answer.text());
  }

  /** The slot is free again: the next request gets it and runs to its end. */
  async function assertFree(): Promise<void> {
    const next = await postJson(`${server.url}${plain}`, { prompt: "next", max_tokens: 2 });
    assert.equal(next.status, 200, next.text);
    const { slots_busy, queue_length } = await status();
    assert.deepEqual([slots_busy, queue_length], [0, 0]);
  }

  test("while the model generates: decode says abort, and nothing was sent", async () => {
    const client = await send(endless);
    await client.reached("input.prefilled");
    const record = await client.leave();
    assertAborted(record, 499);
    assert.deepEqual(listTree(record), treeUpTo(spans.decode));
    const { stopReason, tokensOut } = getValues(record, spans.decode);
    assert.equal(stopReason, "abort");
    assert.ok(Number(tokensOut) < endless.max_tokens);
    assert.deepEqual(listLogSequence(record), [
      "request.received @ http.handler",
      "input.tokenized @ tokenize.input",
      "slot.acquired @ http.handler",
      "input.prefilled @ llm.prefill",
      "stage.interrupted @ llm.decode",
      "request.finished @ http.handler",
    ]);
    await assertFree();
  });

  test("while it reads a stream: the same, and 200 was sent", async () => {
    const client = await send({ ...endless, stream: true });
    await client.connection.waitFor(
      "some events",
      (received) => received.split("data: ").length > 9,
    );
    const record = await client.leave();
    assertAborted(record, 200);
    assert.deepEqual(listTree(record), treeUpTo(spans.decode));
    assert.equal(getValues(record, spans.decode).stopReason, "abort");
    await assertFree();
  });

  test("while the input is evaluated: prefill is cut after a chunk", async () => {
    const client = await send({ prompt: "story ".repeat(15_000), max_tokens: 1 });
    await client.reached("slot.acquired");
    const record = await client.leave();
    assertAborted(record, 499);
    assert.deepEqual(listTree(record), treeUpTo(spans.prefill));
    assert.deepEqual(getValues(record, spans.prefill), { model: "model" });
    await assertFree();
  });

  test("while it waits for a slot: it leaves the queue", async () => {
    const first = await send(endless);
    await first.reached("slot.acquired");
    const second = await send(endless);
    await second.reached("input.tokenized");
    assert.equal((await status()).queue_length, 1);
    const record = await second.leave();
    assertAborted(record, 499);
    assert.deepEqual(listTree(record), treeBefore(spans.prefill));
    assert.equal((await status()).queue_length, 0);
    await first.leave();
    await assertFree();
  });

  test("with its body half sent: aborted, and no stage ran", async () => {
    for (const [framing, how] of [
      [{ "content-length": "200" }, "destroy"],
      [{ "content-length": "200" }, "resetAndDestroy"],
      [{ "transfer-encoding": "chunked" }, "destroy"],
      [{ "transfer-encoding": "chunked" }, "resetAndDestroy"],
    ] as const) {
      const client = await open(
        (headers) =>
          `${rawRequest("POST", plain, {
            host: "localhost",
            "content-type": "application/json",
            ...framing,
            ...headers,
          })}${"content-length" in framing ? '{"prompt": "the' : '5\r\n{"pro\r\n'}`,
      );
      await client.reached("request.received");
      const record = await client.leave(how);
      assertAborted(record, 499);
      assert.deepEqual(listTree(record), treeUpTo(spans.handler));
      assert.equal(record.lines.length, 2);
    }
    await assertFree();
  });

  test("with a second request sent behind the first: both are over", async () => {
    const ids = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    const connection = await RawConnection.open(server.port);
    for (const id of ids) {
      const traceparent = `00-${id}-${"c".repeat(16)}-01`;
      connection.write(rawPost(plain, endless, { traceparent, connection: "keep-alive" }));
    }
    const [first = "", second = ""] = ids;
    for (const id of ids) {
      await server.waitForLine(
        "its input to be tokenised",
        ({ event, trace_id }) => event === "input.tokenized" && trace_id === id,
      );
    }
    connection.destroy();
    for (const id of [first, second]) {
      const record = await createRequestRecord(server, receiver, id);
      assertSound(record);
      assertAborted(record, 499);
    }
    await assertFree();
  });

  test("with rubbish behind a request that runs: it is not answered with the rubbish's error", async () => {
    const client = await send({ ...endless, stream: true });
    await client.connection.waitFor("an event", (received) => received.includes("data: "));
    client.connection.write("rubbish\r\n\r\n");
    await client.connection.closed();
    const record = await client.leave();
    assertAborted(record, 200);
    assert.ok(!client.connection.received.includes("request_malformed"));
    await assertFree();
  });

  test("many that leave at once leave nothing behind", async () => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, index) => send({ ...endless, stream: index % 2 === 0 })),
    );
    await delay(50);
    for (const record of await Promise.all(clients.map((client) => client.leave()))) {
      assert.equal(getValues(record, spans.handler).outcome, "aborted");
    }
    await assertFree();
  });
});
