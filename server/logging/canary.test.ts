import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fastify } from "fastify";
import type pino from "pino";
import { contentKey } from "#contract";
import { exampleEvents } from "./example-events.ts";
import { createLogging, createRedactingLogger, type Logging } from "./logging.ts";
import { Outputs } from "./outputs.ts";

const secret = "CANARY-4711";
const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

class Conversation {
  readonly messages = [secret];
  readonly harmless = secret;
  toJSON() {
    return { harmless: secret };
  }
}

function secretError(): Error {
  const error = new AggregateError([new TypeError(secret)], secret, {
    cause: new Error(secret, { cause: { prompt: secret } }),
  });
  return Object.assign(error, { prompt: secret, body: secret, name: secret });
}

/** Content, under keys that stand for it, in every shape that a log call may take. */
function contentUnderItsKeys(): object[] {
  const cycle: Record<string, unknown> = { prompt: secret };
  cycle.self = cycle;
  return [
    { prompt: secret },
    { userPrompt: { harmless: secret } },
    { a: { b: [{ COMPLETIONS: [secret] }] } },
    { Messages: [{ role: "user", content: secret }], conTEXT: secret },
    { msg: secret, message: secret, stack: secret },
    { err: { message: secret, stack: secret } },
    { map: new Map([["harmless", secret]]), set: new Set([secret]) },
    { bytes: Buffer.from(secret), [Symbol("harmless")]: secret, function: () => secret },
    { conversation: new Conversation() },
    new Conversation(),
    {
      get prompt() {
        return secret;
      },
      get harmless() {
        return { text: secret };
      },
    },
    cycle,
    secretError(),
    { err: secretError() },
    { error: secretError(), [`${secret} typed`]: 1 },
  ];
}

/** Calls a logger, and children of it, with everything that it must not write. */
function tellEverything(logger: pino.Logger): void {
  for (const level of levels) {
    for (const content of contentUnderItsKeys()) {
      logger[level](content);
      logger[level](content, `words with ${secret} and %s`, secret);
      logger.child(content)[level]("words %o", { harmless: secret });
      logger.child({ a: 1 }).child(content)[level](content);
    }
    logger[level](secret);
    logger[level]("%s %j", secret, { harmless: secret });
    logger[level](undefined, secret);
    logger[level](null, secret);
    const child = logger.child(
      { kept: 1 },
      {
        msgPrefix: secret,
        serializers: { kept: () => secret },
        formatters: { log: () => ({ leaked: secret }), bindings: () => ({ leaked: secret }) },
      },
    );
    child[level]({ kept: 2 }, "words");
    child.setBindings({ prompt: secret, bound: 1 });
    child[level](new Error(secret));
  }
}

describe("a secret", () => {
  let folder = "";
  let path = "";
  const stdout = { stream: new PassThrough(), received: Promise.resolve("") };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "miniserve-log-"));
    path = join(folder, "miniserve.log");
    stdout.stream = new PassThrough();
    stdout.received = text(stdout.stream);
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** All lines, after a look at every byte that was written. */
  async function linesWithoutIt(writer: { close: () => Promise<void> }) {
    await writer.close();
    stdout.stream.end();
    const written = readFileSync(path, "utf8");
    assert.equal(await stdout.received, written);
    assert.doesNotMatch(written, /CANARY/);
    assert.doesNotMatch(written, /"msg"/);
    const lines = written.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  function startLogging(): Logging {
    return createLogging({
      level: "debug",
      logFile: path,
      stdout: stdout.stream,
      maxFileBytes: 1e8,
      maxFiles: 1,
      activeSpanIds: () => undefined,
      events: exampleEvents,
    });
  }

  test("gets through no call of the redacting logger and of its children", async () => {
    const never = () => assert.fail("no output fails here");
    const outputs = new Outputs(
      { logFile: path, stdout: stdout.stream, maxFileBytes: 1e8, maxFiles: 1 },
      { outputFailed: never, outputRecovered: never, rotationFailed: never },
    );
    const logger = createRedactingLogger({
      level: "trace",
      destination: outputs,
      activeSpanIds: () => undefined,
    });
    tellEverything(logger);
    const lines = await linesWithoutIt(outputs);
    const calls = contentUnderItsKeys().length * 4 + 6;
    assert.equal(lines.length, levels.length * calls);
    const keys = lines.flatMap(listKeys);
    assert.deepEqual(
      keys.filter((key) => contentKey.test(key)),
      [],
    );
    // What is no content is still told: levels, bindings, fields, classes of errors.
    assert.deepEqual([...new Set(lines.map((line) => line.level))], [...levels]);
    for (const key of ["kept", "bound", "conversation", "frames", "cause", "errors"]) {
      assert.ok(keys.includes(key), key);
    }
  });

  test("gets through no call of Fastify's logger, even under a harmless name", async () => {
    const logging = startLogging();
    const logger = logging.fastifyLogger as pino.Logger;
    tellEverything(logger);
    for (const level of levels) {
      const request = { method: "GET", url: `/?q=${secret}`, headers: {}, socket: {} };
      logger[level]({ req: request, reqId: secret, harmless: secret }, secret);
      logger[level](request);
      logger.child({ reqId: secret, harmless: secret })[level](secret);
    }
    const lines = await linesWithoutIt(logging);
    const calls = contentUnderItsKeys().length * 4 + 6 + 3;
    assert.equal(lines.length, ["warn", "error", "fatal"].length * calls);
    const keys = [...new Set(lines.flatMap(Object.keys))].sort();
    const told = ["event", "exception.frames", "exception.type", "level", "library", "time"];
    assert.deepEqual(keys, told);
  });

  test("gets through no error of a real Fastify", async () => {
    const logging = startLogging();
    const server = fastify({ loggerInstance: logging.fastifyLogger, bodyLimit: 100 });
    server.setErrorHandler((error, request, reply) => {
      request.log.warn({ err: error, req: request, body: request.body }, String(error));
      return reply.status(400).send();
    });
    const schema = {
      body: { type: "object", properties: { n: { type: "integer" } } },
    };
    server.post("/", { schema }, (request) => {
      request.log.error({ body: request.body, secret }, secret);
      throw secretError();
    });
    server.get("/", () => Promise.reject(secret));
    server.get("/twice", (_request, reply) => {
      reply.send(secret);
      reply.send(secret);
    });
    const address = await server.listen({ port: 0, host: "127.0.0.1" });
    const json = { "content-type": "application/json", "x-secret": secret, "request-id": secret };
    const send = async (path: string, init?: RequestInit) =>
      (await fetch(`${address}${path}`, init)).arrayBuffer();
    await send("/", { method: "POST", headers: json, body: `{"prompt": "${secret}` });
    await send("/", { method: "POST", headers: json, body: `{"n": "${secret}"}` });
    await send("/", { method: "POST", headers: json, body: `"${secret.repeat(20)}"` });
    await send("/", { method: "POST", headers: { "content-type": secret }, body: secret });
    await send("/", { method: "POST", headers: json, body: `{"prompt": "${secret}"}` });
    await send(`/?prompt=${secret}`);
    await send(`/twice`);
    await send(`/%zz${secret}`);
    await server.close();
    const lines = await linesWithoutIt(logging);
    assert.deepEqual([...new Set(lines.flatMap((line) => line["exception.code"] ?? []))].sort(), [
      "FST_ERR_CTP_BODY_TOO_LARGE",
      "FST_ERR_CTP_INVALID_JSON_BODY",
      "FST_ERR_CTP_INVALID_MEDIA_TYPE",
      "FST_ERR_REP_ALREADY_SENT",
      "FST_ERR_VALIDATION",
    ]);
    assert.ok(lines.some((line) => line["exception.type"] === "AggregateError"));
    assert.ok(lines.every((line) => line.event === "library.message"));
  });

  test("gets through no error that Fastify itself logs", async () => {
    const logging = startLogging();
    const server = fastify({ loggerInstance: logging.fastifyLogger });
    server.post("/", () => {
      throw secretError();
    });
    const address = await server.listen({ port: 0, host: "127.0.0.1" });
    const response = await fetch(`${address}/?prompt=${secret}`, { method: "POST" });
    assert.equal(response.status, 500);
    await response.arrayBuffer();
    await server.close();
    const lines = await linesWithoutIt(logging);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.level, "error");
    assert.equal(lines[0]?.["exception.type"], "AggregateError");
    assert.match(String(lines[0]?.["exception.frames"]), /canary\.test\.ts:\d+.*fastify \(/);
  });

  test("gets through no event that was not defined as a contract's", async () => {
    const logging = startLogging();
    const { reason } = exampleEvents.contractViolated.fields;
    const handmade = { ...exampleEvents.loafBaked, fields: { a: { ...reason, key: "a.Prompt" } } };
    (logging.log as (event: unknown, fields: unknown) => void)(handmade, { a: secret });
    const lines = await linesWithoutIt(logging);
    assert.deepEqual(lines.flatMap(listKeys), ["level", "time", "event"]);
  });

  test("gets through no typed line whose types were ignored", async () => {
    const logging = startLogging();
    const log = logging.log as (event: unknown, fields: unknown) => void;
    for (const content of contentUnderItsKeys()) {
      log(exampleEvents.loafBaked, content);
      log(exampleEvents.loafBaked, { number: content, baker: `${secret} and more words` });
      log(exampleEvents.loafBurnt, { reason: content });
    }
    const lines = await linesWithoutIt(logging);
    assert.ok(lines.length > contentUnderItsKeys().length * 3);
  });
});

function listKeys(value: unknown): string[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...listKeys(inner)])
    : [];
}
