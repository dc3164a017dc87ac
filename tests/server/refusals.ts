import assert from "node:assert/strict";
import { spans } from "#miniserve";
import { ApiError, type ErrorCode } from "../../server/http/errors.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { converse, parseAnswer, type RawAnswer } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
  treeUpTo,
} from "../support/request-record.ts";
import type { LogLine } from "../support/server-process.ts";

export interface Refused {
  readonly code: ErrorCode;
  readonly parameter?: string;
  /** What the message says when it says more than the table does. */
  readonly says?: RegExp;
  /** Whether the input was tokenised before. */
  readonly isTokenized?: boolean;
}

/** That a server refuses requests as it should, and what a refusal leaves behind. */
export class Refusals {
  readonly #server: { readonly port: number; readonly lines: readonly LogLine[] };
  readonly #receiver: OtlpReceiver;
  /** The codes that were seen so far. */
  readonly seen = new Set<ErrorCode>();

  constructor(
    server: { readonly port: number; readonly lines: readonly LogLine[] },
    receiver: OtlpReceiver,
  ) {
    this.#server = server;
    this.#receiver = receiver;
  }

  /** A request of a route without a trace, as text, is refused. */
  async untraced(request: string, refused: Refused): Promise<RawAnswer> {
    const answer = parseAnswer(await converse(this.#server.port, request));
    this.assertError(answer, refused);
    assert.ok(!("x-trace-id" in answer.headers));
    return answer;
  }

  /** A request of a traced route, as text, is refused, with the trace and the lines of a refusal. */
  async traced(request: string, refused: Refused): Promise<RawAnswer> {
    const answer = parseAnswer(await converse(this.#server.port, request));
    this.assertError(answer, refused);
    await this.assertTrace(answer, refused);
    return answer;
  }

  /** That an answer is the error that is expected, in OpenAI's shape, and nothing else. */
  assertError(answer: RawAnswer, { code, parameter, says }: Refused): void {
    const expected = new ApiError(code);
    const told = expected.toBody().error;
    assert.equal(answer.status, expected.status, answer.body);
    assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
    const body = JSON.parse(answer.body);
    assert.deepEqual(Object.keys(body), ["error"]);
    const { message, ...rest } = body.error;
    assert.deepEqual(rest, { type: told.type, param: parameter ?? null, code });
    if (says === undefined) {
      assert.equal(message, told.message);
    } else {
      assert.match(message, says);
    }
    this.seen.add(code);
  }

  async assertTrace(answer: RawAnswer, { code, isTokenized = false }: Refused): Promise<void> {
    const traceId = answer.headers["x-trace-id"] ?? "";
    const record = await createRequestRecord(this.#server, this.#receiver, traceId);
    assertSound(record);
    const { statusCode, outcome, errorType } = getValues(record, spans.handler);
    assert.deepEqual(
      { statusCode, outcome, errorType },
      { statusCode: answer.status, outcome: "rejected", errorType: code },
    );
    assert.deepEqual(listTree(record), treeUpTo(isTokenized ? spans.tokenize : spans.handler));
    assert.deepEqual(listLogSequence(record), [
      "request.received @ http.handler",
      ...(isTokenized ? ["input.tokenized @ tokenize.input"] : []),
      "request.finished @ http.handler",
    ]);
  }
}
