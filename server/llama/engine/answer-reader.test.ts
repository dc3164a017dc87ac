import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnswerPiece, AnswerReader } from "./answer-reader.ts";
import type { CallGrammar } from "./output-grammar.ts";
import { type CallForm, plainForm, triggerOf } from "./tool-calls/call-form.ts";

/** Tokens are places in a list of texts here; what holds answers to the grammar has no part in reading. */
function read(
  texts: readonly string[],
  options: {
    readonly form?: CallForm;
    readonly isRequired?: boolean;
    readonly stopStrings?: readonly string[];
    readonly shown?: readonly string[];
  } = {},
): { pieces: AnswerPiece[]; replaced: string[]; stopped: boolean } {
  const { form = plainForm, isRequired = false, stopStrings = [], shown = [] } = options;
  const replaced: string[] = [];
  const engine = {
    detokenize: (tokens: readonly number[]) =>
      tokens.map((token) => (shown.includes(texts[token] ?? "") ? "" : texts[token])).join(""),
    tokenizeInside: (characters: string) => {
      replaced.push(characters);
      return [0];
    },
  };
  const calls = {
    form,
    trigger: isRequired ? undefined : triggerOf(form),
    shownTokens: new Map([...texts.entries()].filter(([, text]) => shown.includes(text))),
  } as unknown as CallGrammar;
  const reader = new AnswerReader({ engine, promptTokens: [], stopStrings, calls });
  const pieces: AnswerPiece[] = [];
  for (const token of texts.keys()) {
    const { pieces: came, stopped } = reader.push(token);
    pieces.push(...came);
    if (stopped) {
      return { pieces, replaced, stopped };
    }
    if (reader.takeReplacement() !== undefined) {
      assert.ok(reader.isConstrained);
    }
  }
  return { pieces: [...pieces, ...reader.end()], replaced, stopped: false };
}

/** The pieces put together: text, then each call with its arguments. */
function summarize(pieces: readonly AnswerPiece[]): { text: string; calls: string[] } {
  const calls: string[] = [];
  let text = "";
  for (const piece of pieces) {
    if (piece.kind === "text") {
      text += piece.characters;
    } else if (piece.kind === "call") {
      assert.equal(piece.call, calls.length);
      assert.match(piece.id, /^call_[0-9a-f]{24}$/);
      calls.push(`${piece.name} `);
    } else {
      calls[piece.call] += piece.characters;
    }
  }
  return { text, calls };
}

const json = '{"a": "}\\"{", "b": {"c": []}}';
const two = `<tool_call>\n{"name": "one", "arguments": ${json}}\n</tool_call>\n<tool_call>\n{"name": "two", "arguments": {}}\n</tool_call>`;
const mistral: CallForm = {
  ...plainForm,
  opening: "[TOOL_CALLS] [",
  before: '{"name": "',
  after: ', "id": "%id%"}',
  separator: ", ",
  closing: "]",
};
const bare: CallForm = { ...plainForm, before: '{"name": "', after: "}", isParallel: false };

const split = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );

test("calls that must come are read in whatever pieces they come", () => {
  for (const length of [1, 2, 3, 7, 1000]) {
    const { pieces } = read(split(two, length), { isRequired: true });
    assert.deepEqual(summarize(pieces), { text: "", calls: [`one ${json}`, "two {}"] });
  }
  const list = `[TOOL_CALLS] [{"name": "one", "arguments": ${json}, "id": "abcdefghi"}, {"name": "two", "arguments": {}}]`;
  const { pieces } = read(split(list, 4), { isRequired: true, form: mistral });
  assert.deepEqual(summarize(pieces), { text: "", calls: [`one ${json}`, "two {}"] });
});

test("text before calls is text, without the white space that leads to them", () => {
  for (const length of [1, 5]) {
    const { pieces, replaced } = read([
      ...split("I see.  ", length),
      "<tool_call>",
      ...split(two.slice(11), 3),
    ]);
    assert.deepEqual(summarize(pieces), { text: "I see.", calls: [`one ${json}`, "two {}"] });
    assert.deepEqual(replaced, []);
  }
  const { pieces } = read(["\n", "<tool_", "call>", two.slice(11)]);
  assert.equal(summarize(pieces).text, "");
});

test("a token that reaches further than the tag is cut to it, and the grammar goes on from there", () => {
  const { pieces, replaced } = read(["So ", "<tool_call", '>\n{"', two.slice(11)]);
  assert.deepEqual(replaced, [">"]);
  assert.deepEqual(summarize(pieces).calls, [`one ${json}`, "two {}"]);
});

test("a tag that is a control token is seen, and other control tokens are not shown", () => {
  const rest = ' [{"name": "one", "arguments": {}}]';
  const options = { form: mistral, shown: ["[TOOL_CALLS]"] };
  const { pieces } = read(["So", "[TOOL_CALLS]", ...split(rest, 2)], options);
  assert.deepEqual(summarize(pieces), { text: "So", calls: ["one {}"] });
});

test("where calls have no tag, an answer is one when it begins like one", () => {
  const call = '{"name": "one", "arguments": {"a": 1}}';
  for (const answer of [call, ` \n${call}`, `<|python_tag|>${call}`]) {
    const { pieces } = read(split(answer, 1), { form: bare });
    assert.deepEqual(summarize(pieces), { text: "", calls: ['one {"a": 1}'] });
  }
  for (const answer of ['{"name": 7}', `So: ${call}`, "{", '{"name', ""]) {
    const { pieces } = read(split(answer, 1), { form: bare });
    assert.deepEqual(summarize(pieces), { text: answer, calls: [] });
  }
  const { replaced } = read(['{"name', '": "on', 'one", "arguments": {}}'], { form: bare });
  assert.deepEqual(replaced, ['": "']);
});

test("a text that only looks like the beginning of a call stays whole, white space and all", () => {
  for (const answer of ["a < b <tool", "one  \n two \n", "<tool_call", " "]) {
    const { pieces } = read(split(answer, 1));
    assert.deepEqual(summarize(pieces), { text: answer, calls: [] });
  }
});

test("stop strings end text, and stand in calls like anything else", () => {
  const ended = read(split(`So it goes ${two}`, 1), { stopStrings: [" goes"] });
  assert.deepEqual(summarize(ended.pieces), { text: "So it", calls: [] });
  assert.ok(ended.stopped);
  const inCalls = read(split(`So ${two}`, 1), { stopStrings: ["name", "So it"] });
  assert.deepEqual(summarize(inCalls.pieces), { text: "So", calls: [`one ${json}`, "two {}"] });
});

test("of a call that is cut, what came is told", () => {
  const { pieces } = read(split(two.slice(0, two.indexOf("b")), 1), { isRequired: true });
  assert.deepEqual(summarize(pieces).calls, [`one ${json.slice(0, json.indexOf("b"))}`]);
});
