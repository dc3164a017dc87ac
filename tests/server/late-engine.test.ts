import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { logEvents, spans } from "#miniserve";
import type { Retriever } from "../../server/retrieval/index.ts";
import { activeSpanIds } from "../../server/tracing/index.ts";
import { type Alterations, alteredEngine, withMethods } from "../support/altered-engine.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { documents, IndexScene } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { parseAnswer, RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertNoComplaints,
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  type RequestRecord,
} from "../support/request-record.ts";

const indexName = "house";

/** Where native code or a library is at work that nothing can interrupt. */
const places = ["a chunk of the input", "a step", "the embedding", "the ranking"] as const;
type Place = (typeof places)[number];

const spanByHold = {
  "a chunk of the input": spans.prefill,
  "a step": spans.decode,
  "the embedding": spans.embedQuery,
  "the ranking": spans.rerank,
} as const;

/** Where one request is held up, until it is let go. */
class Hold {
  readonly place: Place;
  readonly #released = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();

  constructor(place: Place) {
    this.place = place;
  }

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  wait(): Promise<void> {
    this.#reached.resolve();
    return this.#released.promise;
  }

  release(): void {
    this.#released.resolve();
  }
}

interface Held {
  readonly hold: Hold;
  readonly connection: RawConnection;
  readonly traceId: string;
  readonly stream: boolean;
}

/** A server that is held up where it hears nothing of the end of a request. */
class Fixture {
  readonly receiver: OtlpReceiver;
  readonly server: InProcessServer;
  readonly #holds: Map<string, Hold>;

  private constructor(receiver: OtlpReceiver, server: InProcessServer, holds: Map<string, Hold>) {
    this.receiver = receiver;
    this.server = server;
    this.#holds = holds;
  }

  static async open(settings: Readonly<Record<string, string>>): Promise<Fixture> {
    const holds = new Map<string, Hold>();
    const pass = async (place: Place): Promise<void> => {
      const hold = holds.get(activeSpanIds()?.trace_id ?? "");
      if (hold?.place === place) {
        await hold.wait();
      }
    };
    const alterations: Alterations = {
      prefill: async (slot, options) => {
        await pass("a chunk of the input");
        return await slot.prefill(options);
      },
      decode: async function* (steps) {
        for await (const step of steps) {
          yield step;
          await pass("a step");
        }
      },
    };
    const receiver = await OtlpReceiver.start();
    const server = await InProcessServer.start({
      receiver,
      settings,
      engine: (real) => alteredEngine(real, alterations),
      retriever: (real) =>
        withMethods<Retriever>(real, {
          embed: async (text, signal) => {
            await pass("the embedding");
            return await real.embed(text, signal);
          },
          rerank: async (question, found, options) => {
            await pass("the ranking");
            return await real.rerank(question, found, options);
          },
        }),
    });
    await using scene = await IndexScene.open(documents);
    await scene.build(server.indexesDirectory, indexName, server.embedder);
    return new Fixture(receiver, server, holds);
  }

  /** Lets go of whatever is still held up, so that a test that fails comes to its end. */
  async close(): Promise<void> {
    for (const hold of this.#holds.values()) {
      hold.release();
    }
    await this.server.stop();
    await this.receiver.stop();
  }

  /** Sends a request that is held up at a place. */
  async send(place: Place, stream: boolean): Promise<Held> {
    const traceId = newTraceId();
    const hold = new Hold(place);
    this.#holds.set(traceId, hold);
    const connection = await RawConnection.open(this.server.port);
    const body = {
      prompt: "where is water",
      max_tokens: 20,
      stream,
      retrieval: { index: indexName },
    };
    const traceparent = `00-${traceId}-${"c".repeat(16)}-01`;
    connection.write(rawPost("/v1/completions", body, { traceparent }));
    return { hold, connection, traceId, stream };
  }
}

let requests = 0;
function newTraceId(): string {
  requests += 1;
  return `d${requests.toString(16).padStart(31, "0")}`;
}

const hasEnd = (received: string): boolean =>
  received.includes("200 OK") ? received.includes('"error"') : received.endsWith("}}");

/** Longer than a client has for the last that it is told. */
const afterFarewellMs = 1_200;

function assertInterrupted(
  record: RequestRecord,
  place: Place,
  expected: { readonly outcome: string; readonly statusCode: number; readonly errorType: string },
): void {
  assertSound(record);
  const { outcome, statusCode, errorType } = getValues(record, spans.handler);
  assert.deepEqual({ outcome, statusCode, errorType }, expected);
  const interrupted = record.lines.find(({ event }) => event === logEvents.stageInterrupted.name);
  assert.equal(interrupted?.span_id, getSpan(record, spanByHold[place]).spanId);
}

test("a request whose time is over is answered whatever holds it up, and its slot comes back after that", async (t) => {
  const scene = await Fixture.open({
    MINISERVE_SLOTS: "4",
    MINISERVE_REQUEST_TIMEOUT_MS: "3000",
  });
  const { receiver, server } = scene;
  t.after(() => scene.close());
  const kinds = places.flatMap((place) => [false, true].map((stream) => ({ place, stream })));
  // With four that hold a slot, those that have none yet are held up before.
  const held = await Promise.all(kinds.map(({ place, stream }) => scene.send(place, stream)));
  await Promise.all(held.map(({ hold }) => hold.reached));
  const waiting = await RawConnection.open(server.port);
  const waitingTraceId = newTraceId();
  const traceparent = `00-${waitingTraceId}-${"c".repeat(16)}-01`;
  waiting.write(rawPost("/v1/completions", { prompt: "water" }, { traceparent }));
  const readStatus = ({ hold, stream }: Held): number =>
    stream && hold.place === "a step" ? 200 : 504;
  for (const one of held) {
    await one.connection.waitFor("the end of its time", hasEnd);
    const { status, body } = parseAnswer(one.connection.received);
    assert.equal(status, readStatus(one));
    assert.ok(body.includes('"code":"request_timeout"'), body);
  }
  await waiting.waitFor("the end of its time", hasEnd);
  assert.equal(parseAnswer(waiting.received).status, 504);
  await delay(afterFarewellMs);
  assert.equal(server.requestsRunning, held.length);
  assert.deepEqual(server.engineStatus, { ...server.engineStatus, slotsBusy: 4, queueLength: 0 });
  for (const one of held) {
    one.hold.release();
    const record = await createRequestRecord(server, receiver, one.traceId);
    assertInterrupted(record, one.hold.place, {
      outcome: "timeout",
      statusCode: readStatus(one),
      errorType: "request_timeout",
    });
  }
  assert.equal(
    getValues(await createRequestRecord(server, receiver, waitingTraceId), spans.handler).outcome,
    "timeout",
  );
  assert.equal(server.requestsRunning, 0);
  assert.equal(server.engineStatus.slotsBusy, 0);
  assertNoComplaints(server.lines);
});

test("time that passes while nothing else can run counts too", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const blockedMs = 1_500;
  const server = await InProcessServer.start({
    receiver,
    settings: { MINISERVE_REQUEST_TIMEOUT_MS: "1000" },
    engine: (real) =>
      withMethods(real, {
        tokenize: (prepared) => {
          for (const end = performance.now() + blockedMs; performance.now() < end; ) {}
          return real.tokenize(prepared);
        },
      }),
  });
  t.after(() => server.stop());
  const { status, text, traceId } = await postJson(`${server.url}/v1/completions`, {
    prompt: "the story of the house",
  });
  assert.deepEqual([status, JSON.parse(text).error.code], [504, "request_timeout"]);
  const record = await createRequestRecord(server, receiver, traceId);
  assertSound(record);
  assert.equal(getValues(record, spans.handler).outcome, "timeout");
  assert.equal(server.engineStatus.slotsBusy, 0);
});

test("a server that stops tells each client, whatever holds its request up, and ends after that", async (t) => {
  const scene = await Fixture.open({ MINISERVE_REQUEST_TIMEOUT_MS: "0" });
  const { receiver, server } = scene;
  t.after(() => scene.close());
  const held = await Promise.all(places.map((place) => scene.send(place, false)));
  await Promise.all(held.map(({ hold }) => hold.reached));
  const stopping = server.stop(50);
  for (const { connection } of held) {
    await connection.waitFor("the end", hasEnd);
    const { status, body } = parseAnswer(connection.received);
    assert.deepEqual([status, JSON.parse(body).error.code], [503, "shutting_down"]);
  }
  await delay(afterFarewellMs);
  for (const { hold } of held) {
    hold.release();
  }
  await stopping;
  for (const { traceId, hold } of held) {
    assertInterrupted(await createRequestRecord(server, receiver, traceId), hold.place, {
      outcome: "shutdown",
      statusCode: 503,
      errorType: "shutting_down",
    });
  }
  assertNoComplaints(server.lines);
});
