import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { spans } from "#miniserve";
import * as templates from "../../server/llama/engine/tool-calls/testing/templates.ts";
import { endlessModel, withString } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import { assertSound, createRequestRecord, getValues } from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const chat = "/v1/chat/completions";
const colours = ["red", "green", "sky <|im_end|> blue"];

/** A call of it ends soon, whatever a random model samples. */
const paint: OpenAI.ChatCompletionFunctionTool = {
  type: "function",
  function: {
    name: "paint",
    description: "Paints.",
    parameters: {
      type: "object",
      properties: { colour: { enum: colours }, coats: { type: "integer", minimum: 1, maximum: 9 } },
      required: ["colour"],
      additionalProperties: false,
    },
  },
};
const rest: OpenAI.ChatCompletionFunctionTool = {
  type: "function",
  function: { name: "rest", strict: true, parameters: { type: "object", properties: {} } },
};
const tools = [paint, rest];
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "user", content: "paint the river" },
];

type Parameters = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "stream">;

function assertCalls(message: OpenAI.ChatCompletionMessage | undefined): void {
  const calls = message?.tool_calls ?? [];
  assert.ok(calls.length > 0);
  assert.equal(message?.content, null);
  assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length);
  for (const call of calls) {
    assert.match(call.id, /^call_[0-9a-f]{24}$/);
    assert.ok(call.type === "function");
    const { colour, coats, ...others } = JSON.parse(call.function.arguments);
    assert.deepEqual(others, {});
    if (call.function.name === "rest") {
      assert.equal(colour, undefined);
    } else {
      assert.equal(call.function.name, "paint");
      assert.ok(colours.includes(colour));
      assert.ok(coats === undefined || (coats >= 1 && coats <= 9));
    }
  }
}

/** What a model says with tools, whatever its template knows of them; all of it is looked at once. */
function behavesWithTools(family: string, model: () => Buffer, { inFull = false } = {}): void {
  describe(`tools through OpenAI's own client, with a template as ${family}`, () => {
    let receiver: OtlpReceiver;
    let server: ServerProcess;
    let client: OpenAI;

    withServer({ model: model() }, (running) => {
      ({ client, receiver, server } = running);
    });

    const asked = (seed: number, more: Partial<Parameters> = {}): Parameters => ({
      ...{ model: "any", temperature: 1, top_p: 1, max_tokens: 600, messages, tools, seed },
      ...more,
    });

    test("required: every answer is calls, valid by their schemas, whole and streamed alike", async () => {
      for (const seed of [1, 2, 3, 4]) {
        const parameters = asked(seed, { tool_choice: "required" });
        const [whole, streamed] = await Promise.all([
          client.chat.completions.create(parameters),
          client.chat.completions.stream(parameters).finalChatCompletion(),
        ]);
        const [choice] = whole.choices;
        assert.equal(choice?.finish_reason, "tool_calls");
        assertCalls(choice.message);
        const plain = (completion: OpenAI.ChatCompletion) =>
          completion.choices.map(({ message, finish_reason }) => ({
            finish_reason,
            content: message.content,
            calls: message.tool_calls?.map(
              (call) => call.type === "function" && [call.function.name, call.function.arguments],
            ),
          }));
        assert.deepEqual(plain(streamed), plain(whole));
      }
    });

    test("auto: text up to where the model begins a call, and from there a valid one", async () => {
      let called = 0;
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const { choices } = await client.chat.completions.create(asked(seed));
        const { message, finish_reason } = choices[0] ?? assert.fail("No choice.");
        if (finish_reason === "tool_calls") {
          called += 1;
          assert.doesNotMatch(message.content ?? "", /call>|CALLS\]|\s$/);
          assertCalls({ ...message, content: null });
        } else {
          assert.equal(finish_reason, "length");
        }
      }
      assert.equal(called > 0, family !== "Llama 3");
    });

    test("calls and results go back as they came, and the model goes on", async () => {
      const conversation: OpenAI.ChatCompletionMessageParam[] = [...messages];
      for (const seed of [1, 2]) {
        const parameters = asked(seed, { messages: conversation, tool_choice: "required" });
        const { choices } = await client.chat.completions.create(parameters);
        const { message } = choices[0] ?? assert.fail("No choice.");
        conversation.push(message);
        for (const { id } of message.tool_calls ?? []) {
          conversation.push({ role: "tool", tool_call_id: id, content: `{"done": "${seed}"}` });
        }
      }
      const parameters = asked(3, { messages: conversation, tool_choice: "none", max_tokens: 5 });
      const { choices } = await client.chat.completions.create(parameters);
      assert.equal(choices[0]?.finish_reason, "length");
      assert.notEqual(choices[0].message.content, "");
    });

    if (!inFull) {
      return;
    }

    test("a stream opens each call with its id, its name and no arguments", async () => {
      const parameters = asked(2, { tool_choice: "required" });
      let next = 0;
      let first = true;
      for await (const { choices } of await client.chat.completions.create({
        ...parameters,
        stream: true,
      })) {
        const { delta } = choices[0] ?? assert.fail("A chunk without a choice.");
        if (first) {
          assert.deepEqual(delta, { role: "assistant", content: null });
        }
        first = false;
        for (const { index, id, type, function: called } of delta.tool_calls ?? []) {
          if (id === undefined) {
            assert.equal(index, next - 1);
            assert.deepEqual(Object.keys(called ?? {}), ["arguments"]);
          } else {
            assert.equal(index, next);
            assert.deepEqual([type, called?.arguments], ["function", ""]);
            next += 1;
          }
        }
      }
      assert.ok(next > 0);
    });

    test("a tool that is named is called, once", async () => {
      for (const name of ["paint", "rest"]) {
        const tool_choice = { type: "function", function: { name } } as const;
        const { choices } = await client.chat.completions.create(asked(1, { tool_choice }));
        assertCalls(choices[0]?.message);
        const names = choices[0]?.message.tool_calls?.map(
          (call) => call.type === "function" && call.function.name,
        );
        assert.deepEqual(names, [name]);
      }
    });

    test("without parallel_tool_calls there is one call", async () => {
      for (const seed of [1, 2, 3]) {
        const parameters = asked(seed, { tool_choice: "required", parallel_tool_calls: false });
        const { choices } = await client.chat.completions.create(parameters);
        assert.equal(choices[0]?.message.tool_calls?.length, 1);
      }
    });

    test("none: the tools are not shown, and nothing is called", async () => {
      const parameters = asked(1, { tool_choice: "none", max_tokens: 40 });
      const { choices, usage } = await client.chat.completions.create(parameters);
      assert.equal(choices[0]?.message.tool_calls, undefined);
      const without = await client.chat.completions.create({ ...parameters, tools: [] });
      assert.equal(usage?.prompt_tokens, without.usage?.prompt_tokens);
      const withTools = await client.chat.completions.create(asked(1, { max_tokens: 1 }));
      assert.ok((withTools.usage?.prompt_tokens ?? 0) > (usage?.prompt_tokens ?? 0));
    });

    test("an answer that is cut has what came of its call, and its trace says length", async () => {
      const body = asked(1, {
        tool_choice: { type: "function", function: { name: "paint" } },
        max_tokens: 40,
      });
      const answer = await postJson(`${server.url}${chat}`, body);
      const { choices } = JSON.parse(answer.text);
      const record = await createRequestRecord(server, receiver, answer.traceId);
      assertSound(record);
      const { stopReason, toolCalls } = getValues(record, spans.decode);
      assert.equal(stopReason, choices[0].finish_reason === "length" ? "length" : "tool_calls");
      assert.equal(toolCalls, choices[0].message.tool_calls?.length ?? 0);
    });

    test("the trace counts the calls, and says that they ended the answer", async () => {
      const answer = await postJson(`${server.url}${chat}`, asked(3, { tool_choice: "required" }));
      const calls = JSON.parse(answer.text).choices[0].message.tool_calls.length;
      const record = await createRequestRecord(server, receiver, answer.traceId);
      assertSound(record);
      const { stopReason, toolCalls } = getValues(record, spans.decode);
      assert.deepEqual({ stopReason, toolCalls }, { stopReason: "tool_calls", toolCalls: calls });
    });

    test("auto leaves the trace of text where nothing is called", async () => {
      const answer = await postJson(`${server.url}${chat}`, asked(1, { max_tokens: 1 }));
      const record = await createRequestRecord(server, receiver, answer.traceId);
      assertSound(record);
      const { stopReason, toolCalls } = getValues(record, spans.decode);
      assert.deepEqual({ stopReason, toolCalls }, { stopReason: "length", toolCalls: 0 });
    });
  });
}

/** A word that the model says often is the tag of a call here. */
const tagged = (chatTemplate: string, word: string, tag: string): Buffer =>
  withString(endlessModel({ chatTemplate }), `\u2581${word}`, tag);

behavesWithTools("Qwen", () => tagged(templates.qwen, "question", "<tool_call>"), { inFull: true });
behavesWithTools("SmolLM 2", () => tagged(templates.smollm2, "question", "<tool_call>"));
behavesWithTools("Hermes, in a template for tools alone", () => {
  const chatTemplate = templates.smollm2;
  const model = endlessModel({ chatTemplate, toolTemplate: templates.hermes });
  return withString(model, "\u2581question", "<tool_call>");
});
behavesWithTools("Llama 3", () => endlessModel({ chatTemplate: templates.llama3 }));
// The tag is as long as a word of the vocabulary.
const mistral = templates.mistral.replaceAll("[TOOL_CALLS]", "[TOOLCALLS]");
behavesWithTools("Mistral", () => tagged(mistral, "question", "[TOOLCALLS]"));
// A token that begins a call and goes on with what no call has.
const withShortTag = templates.qwen.replaceAll("tool_call>", "call>");
behavesWithTools("Qwen, with a longer token", () => tagged(withShortTag, "number", "<call>\n\nx"));

describe("tools that are refused", () => {
  let refusals: Refusals;

  withServer({ model: endlessModel() }, ({ server, receiver }) => {
    refusals = new Refusals(server, receiver);
  });

  const refused = (more: object, parameter: string, says: RegExp): Promise<unknown> => {
    const request = rawPost(chat, { messages, tools, max_tokens: 1, ...more });
    return refusals.traced(request, { code: "invalid_parameter", parameter, says });
  };

  test("for what they are, by name", async () => {
    const zebra = { name: "zebra", parameters: { type: "string" }, strict: true };
    const odd = { type: "object", properties: { a: { type: "integer", multipleOf: 3 } } };
    const cases: readonly [more: object, parameter: string, says: RegExp][] = [
      [
        { tools: [paint, { type: "custom", custom: { name: "x" } }] },
        "tools",
        /tools\[1\] is of type custom/,
      ],
      [{ tools: [{ type: "web_search" }] }, "tools", /tools\[0\] is of type web_search/],
      [{ tools: [{ type: "zebra" }] }, "tools", /^(?!.*zebra).*tools takes a list/],
      [{ tools: [paint, paint] }, "tools", /same name/],
      [{ tools: [{ type: "function", function: { name: "a b" } }] }, "tools", /name of 1 to 64/],
      [
        { tools: [{ type: "function", function: { name: "a", parameters: odd, strict: true } }] },
        "tools",
        /tools\[0\].*keyword multipleOf/,
      ],
      [{ tools: [{ type: "function", function: zebra }] }, "tools", /must be an object/],
      [{ tool_choice: "zebra" }, "tool_choice", /^(?!.*zebra).*tool_choice takes/],
      [
        { tool_choice: { type: "function", function: { name: "zebra" } } },
        "tool_choice",
        /^(?!.*zebra).*not one of tools/,
      ],
      [{ tools: null, tool_choice: "required" }, "tool_choice", /there are no tools/],
      [{ response_format: { type: "json_object" } }, "response_format", /Leave one of them out/],
      [{ parallel_tool_calls: "zebra" }, "parallel_tool_calls", /true or false/],
    ];
    for (const [more, parameter, says] of cases) {
      await refused(more, parameter, says);
    }
  });

  test("in the conversation, with the message and the field", async () => {
    const call = { id: "call_1", type: "function", function: { name: "paint", arguments: "{}" } };
    const called = (calls: unknown) => ({ role: "assistant", content: null, tool_calls: calls });
    const result = { role: "tool", tool_call_id: "call_1", content: "zebra" };
    const conversations: readonly [more: readonly object[], says: RegExp][] = [
      [[result], /messages\[1\]\.tool_call_id/],
      [[called([call]), { ...result, tool_call_id: "call_2" }], /messages\[2\]\.tool_call_id/],
      [[called([call]), { ...result, tool_call_id: undefined }], /messages\[2\]\.tool_call_id/],
      [
        [called([{ ...call, function: { name: "paint", arguments: "{zebra" } }])],
        /JSON object.*messages\[1\]\.tool_calls/,
      ],
      [
        [called([{ ...call, function: { name: "paint", arguments: "[]" } }])],
        /messages\[1\]\.tool_calls/,
      ],
      [[called([{ ...call, type: "custom" }])], /messages\[1\]\.tool_calls/],
      [[{ role: "user", content: "x", tool_calls: [call] }], /messages\[1\]\.tool_calls/],
    ];
    for (const [more, says] of conversations) {
      await refused({ messages: [...messages, ...more] }, "messages", says);
    }
  });

  test("and arguments that a model left out are none", async () => {
    const call = { id: "call_1", type: "function", function: { name: "rest", arguments: "" } };
    const called = { role: "assistant", content: null, tool_calls: [call] };
    const result = { role: "tool", tool_call_id: "call_1", content: "" };
    await refused(
      { messages: [...messages, called, result], parallel_tool_calls: "zebra" },
      "parallel_tool_calls",
      /true or false/,
    );
  });
});
