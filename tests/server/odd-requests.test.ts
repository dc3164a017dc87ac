import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { rawPost } from "../support/raw-http.ts";

import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const plain = "/v1/completions";
const chat = "/v1/chat/completions";
const messages = [{ role: "user", content: "hello" }];

describe("a request that is odd", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;
  let refusals: Refusals;

  withServer({}, (running) => {
    ({ receiver, server } = running);
    refusals = new Refusals(server, receiver);
  });

  test("a message that cannot be taken is named by its number, and the field with it", async () => {
    const secret = "stranger";
    const faulty: readonly [fault: unknown, says: RegExp][] = [
      [{ role: secret, content: secret }, /^messages takes .* in messages\[1\]\.role\. /],
      [{ role: "tool", content: secret }, / in messages\[1\]\.tool_call_id\. /],
      [{ role: "user" }, / in messages\[1\]\.content\. /],
      [{ role: "user", content: null }, / in messages\[1\]\.content\. /],
      [{ role: "user", content: [{ type: "image_url" }] }, / in messages\[1\]\.content\. /],
      [{ role: "user", content: [{ type: "refusal", refusal: secret }] }, /\[1\]\.content\. /],
      [{ role: "user", content: "x", refusal: secret }, / in messages\[1\]\.refusal\. /],
      [{ role: "user", content: "x", name: 7 }, / in messages\[1\]\.name\. /],
      [
        { role: "assistant", content: "x", tool_calls: [{ id: secret }] },
        /^messages takes from the assistant a list .* in messages\[1\]\.tool_calls\. /,
      ],
      [{ role: "assistant", audio: { id: secret } }, / in messages\[1\]\.audio\. /],
      [{ role: "user", content: "x", [secret]: 1 }, /, and messages\[1\] has another\. /],
      ["x", / as messages\[1\]\. /],
      [null, / as messages\[1\]\. /],
    ];
    for (const [message, says] of faulty) {
      const body = { messages: [...messages, message] };
      const answer = await refusals.traced(rawPost(chat, body), {
        code: "invalid_parameter",
        parameter: "messages",
        says,
      });
      assert.ok(!answer.body.includes(secret), answer.body);
    }
    const proto =
      '{"messages": [{"role": "user", "content": "x", "__proto__": {"role": "system"}}]}';
    await refusals.traced(rawPost(chat, proto), {
      code: "invalid_parameter",
      parameter: "messages",
      says: /messages\[0\] has another/,
    });
  });

  test("names that every object inherits are names like any other", async () => {
    for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
      const body = `{"prompt": "x", "${name}": {"prototype": {"stream": true}, "stream": true}}`;
      await refusals.traced(rawPost(plain, body), { code: "unknown_parameter" });
    }
    assert.ok(!("stream" in {}));
  });

  test("a number beyond all numbers is out of range, and depth is no defect", async () => {
    const huge = '{"prompt": "x", "seed": 1e999}';
    await refusals.traced(rawPost(plain, huge), {
      code: "invalid_parameter",
      parameter: "seed",
      says: /^seed takes a whole number from -9007199254740991 to 9007199254740991\. /,
    });
    const depth = 20_000;
    const deep = `{"prompt": ${"[".repeat(depth)}${"]".repeat(depth)}}`;
    await refusals.traced(rawPost(plain, deep), {
      code: "invalid_parameter",
      parameter: "prompt",
      says: /^prompt takes /,
    });
  });

  test("a whole number that is too large is told up to where they go", async () => {
    for (const parameter of ["max_tokens", "top_k"]) {
      const body = `{"prompt": "x", "${parameter}": 9007199254740992}`;
      await refusals.traced(rawPost(plain, body), {
        code: "invalid_parameter",
        parameter,
        says: / to 9007199254740991(?:;|\.)/,
      });
    }
  });

  test("two Host headers, also of the same name, or another host in the request line, are refused", async () => {
    const body = rawPost(plain, { prompt: "x" });
    for (const second of ["localhost", "attacker.example"]) {
      const twice = body.replace("\r\n", `\r\nHost: ${second}\r\n`);
      await refusals.traced(twice, { code: "request_malformed" });
    }
    const elsewhere = body.replace(plain, `http://attacker.example${plain}`);
    await refusals.traced(elsewhere, { code: "host_not_allowed" });
    const length = body.replace("\r\n", "\r\ncontent-length: 3\r\n");
    await refusals.untraced(length, { code: "request_malformed" });
  });
});
