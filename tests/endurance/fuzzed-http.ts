import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { type Span, validateTrace } from "#contract";
import { logEvents, miniserve, spans } from "#miniserve";
import { ApiError, type ErrorCode, errorTable } from "../../server/http/errors.ts";
import { documents, IndexScene } from "../support/index-fixture.ts";
import { endlessModel } from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { patienceMs } from "../support/patience.ts";
import { postJson } from "../support/post-json.ts";
import { RawConnection } from "../support/raw-http.ts";
import { assertNoComplaints, getValues } from "../support/request-record.ts";
import { ServerProcess } from "../support/server-process.ts";
import { type AnswerOnWire, answersOnWire } from "./answers-on-wire.ts";
import { type FuzzedRequest, fuzzedRequest } from "./fuzzed-request.ts";
import { residentBytes } from "./resident-memory.ts";

const seed = 20_260_119;
const atOnce = 16;
/** For one that may never come, because the server waits for the rest of the request. */
const impatienceMs = 150;
/** The first one warms the server up. */
const parts = 8;
const allowedGrowthBytes = 150_000_000;
const settings = {
  MINISERVE_SLOTS: "4",
  MINISERVE_SLOT_TOKENS: "256",
  MINISERVE_BODY_LIMIT_BYTES: "65536",
  MINISERVE_REQUEST_TIMEOUT_MS: "10000",
};

/** Sends whatever could come in on a connection: no crash, no 500, every error in OpenAI's shape. */
export async function runFuzzedHttp(t: TestContext, requests: number): Promise<void> {
  const startedAt = performance.now();
  const plans = fc.sample(fuzzedRequest, { seed, numRuns: requests });
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  await using server = await ServerProcess.start({ receiver, model: endlessModel(), settings });
  await using scene = await IndexScene.open(documents);
  await scene.buildFor(server, "house");
  const fuzz = new Fuzz(server.port);
  const part = Math.ceil(requests / parts);
  const residents: number[] = [];
  for (let sent = 0; sent < requests; sent += part) {
    await fuzz.send(plans.slice(sent, sent + part));
    residents.push(residentBytes(server.pid));
  }
  const memory = `resident MB after each of ${parts} parts: ${residents.map(mega).join(" ")}`;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  t.diagnostic(`seed ${seed}, ${requests} requests, ${seconds} s, ${memory}`);
  t.diagnostic(`answers ${JSON.stringify(Object.fromEntries(fuzz.tally))}`);
  assert.deepEqual(fuzz.faults, []);
  const [afterFirst = 0] = residents;
  assert.ok((residents.at(-1) ?? 0) - afterFirst < allowedGrowthBytes, memory);
  await assertWellBehaved(server);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assertNoComplaints(server.lines);
  assert.equal(server.stderr, "");
  assertOneTreeEach(server, receiver);
  const codes = ["request_malformed", "invalid_json", "invalid_parameter", "unknown_index"];
  for (const kind of ["200", "no answer", ...codes.map((code) => `400 ${code}`)]) {
    assert.ok(fuzz.tally.has(kind), `${kind} never came`);
  }
}

class Fuzz {
  readonly #port: number;
  readonly faults: string[] = [];
  readonly tally = new Map<string, number>();

  constructor(port: number) {
    this.#port = port;
  }

  async send(plans: readonly FuzzedRequest[]): Promise<void> {
    const waiting = [...plans];
    const sendOn = async (): Promise<void> => {
      for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
        await this.#one(plan);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, sendOn));
  }

  async #one(plan: FuzzedRequest): Promise<void> {
    const connection = await RawConnection.open(this.#port);
    try {
      await sendAtItsPace(connection, plan);
      const mustAnswer = plan.isCorrect && plan.pace.kind !== "abort";
      const limitMs = mustAnswer ? patienceMs : impatienceMs;
      const giveUpAt = performance.now() + (plan.pace.kind === "abort" ? 0 : limitMs);
      while (!connection.isClosed && performance.now() < giveUpAt) {
        await delay(2);
      }
      this.#judge(plan, connection, mustAnswer);
    } finally {
      connection.destroy();
    }
  }

  #judge(plan: FuzzedRequest, connection: RawConnection, mustAnswer: boolean): void {
    const { received, isClosed } = connection;
    const answers = answersOnWire(received, isClosed, [plan.method]);
    if (answers.length === 0) {
      this.#count("no answer");
    }
    for (const answer of answers) {
      const fault =
        findFault(answer, plan.method, mustAnswer) ??
        (mustAnswer && isJson(plan) && findErrorCode(answer) === "invalid_json"
          ? "JSON that is told to be none"
          : undefined);
      this.#count(`${answer.status} ${findErrorCode(answer) ?? ""}`.trim());
      if (fault !== undefined) {
        this.#blame(fault, plan, received);
      }
    }
    if (mustAnswer && answers.length !== 1) {
      this.#blame(`${answers.length} answers (closed: ${isClosed})`, plan, received);
    }
  }

  #count(kind: string): void {
    this.tally.set(kind, (this.tally.get(kind) ?? 0) + 1);
  }

  #blame(fault: string, { bytes, pace }: FuzzedRequest, received: string): void {
    const sent = JSON.stringify(bytes.toString("latin1").slice(0, 600));
    const came = JSON.stringify(received.slice(0, 300));
    this.faults.push(`${fault}: ${came} for ${JSON.stringify(pace)} ${sent}`);
  }
}

async function sendAtItsPace(
  { socket }: RawConnection,
  { bytes, pace }: FuzzedRequest,
): Promise<void> {
  switch (pace.kind) {
    case "whole":
      socket.write(bytes);
      return;
    case "pieces": {
      const cuts = pace.cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
      for (const [index, from] of [0, ...cuts].entries()) {
        socket.write(bytes.subarray(from, cuts[index] ?? bytes.length));
        await delay(pace.pauseMs);
      }
      return;
    }
    case "abort":
      socket.write(bytes.subarray(0, Math.floor(pace.share * bytes.length)));
      await delay(Math.floor(pace.share * 20));
      if (pace.resets) {
        socket.resetAndDestroy();
      }
      return;
    default:
      pace satisfies never;
  }
}

/** Whether the body is an object of JSON as it stands; in chunks it is none. */
function isJson({ bytes }: FuzzedRequest): boolean {
  try {
    return typeof JSON.parse(bytes.toString("utf8", bytes.indexOf("\r\n\r\n"))) === "object";
  } catch {
    return false;
  }
}

function findErrorCode({ body, status }: AnswerOnWire): string | undefined {
  const [, code] = status < 400 ? [] : (/"code":"([a-z_]+)"/.exec(body) ?? []);
  return code;
}

/** What is wrong with an answer, whatever it answers. */
function findFault(answer: AnswerOnWire, method: string, isAwaited: boolean): string | undefined {
  const { status, headers, body, isWhole } = answer;
  if (!isWhole) {
    return isAwaited ? "half an answer" : undefined;
  }
  if (status < 400) {
    return [200, 204].includes(status) ? undefined : "a status that nobody expects";
  }
  if (method === "HEAD" && body === "") {
    return undefined;
  }
  const code = findErrorCode(answer);
  if (code === undefined || !Object.hasOwn(errorTable, code)) {
    return "an error without a code of ours";
  }
  if (body.includes("zebra")) {
    return "a word of the request in an error";
  }
  const told = new ApiError(code as ErrorCode);
  const { status: expected } = told;
  const { type } = told.toBody().error;
  const { error, ...rest } = JSON.parse(body);
  const isShaped =
    Object.keys(rest).length === 0 &&
    Object.keys(error).join() === "message,type,param,code" &&
    error.type === type &&
    headers["content-type"] === "application/json; charset=utf-8";
  if (status === 500) {
    return "a defect of the server";
  }
  return isShaped && status === expected ? undefined : "an error in another shape";
}

/** After all that, a client that behaves is served as if nothing had been. */
async function assertWellBehaved(server: ServerProcess): Promise<void> {
  const url = `${server.url}/v1/completions`;
  const answer = await postJson(url, { prompt: "the story", max_tokens: 3, temperature: 0 });
  assert.equal(answer.status, 200, answer.text);
  const ready = await fetch(`${server.url}/readyz`);
  const { slots_busy, queue_length } = JSON.parse(await ready.text());
  assert.deepEqual([slots_busy, queue_length], [0, 0]);
}

function assertOneTreeEach(server: ServerProcess, receiver: OtlpReceiver): void {
  const events = Map.groupBy(server.lines, ({ event }) => event);
  const received = events.get(logEvents.requestReceived.name) ?? [];
  const finished = events.get(logEvents.requestFinished.name) ?? [];
  const roots = receiver.spans.filter(({ name }) => name === spans.handler.name);
  assert.ok(roots.length > 0);
  const formats = receiver.spans
    .filter(({ name }) => name === spans.format.name)
    .map((span) => getValues({ traceId: span.traceId, spans: [span], lines: [] }, spans.format));
  assert.ok(
    formats.some(({ outputFormat }) => outputFormat === "json"),
    "no fuzzed schema led to an answer",
  );
  const isRanking = ({ name }: Span): boolean => name === spans.rerank.name;
  assert.ok(receiver.spans.some(isRanking), "no fuzzed retrieval found an index");
  assert.deepEqual([received.length, finished.length], [roots.length, roots.length]);
  assert.deepEqual(validateTrace(miniserve, receiver.spans), []);
}

function mega(bytes: number): number {
  return Math.round(bytes / 1e6);
}
