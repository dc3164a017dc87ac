import fc from "fast-check";
import { knownParameters } from "../../server/http/parameters.ts";
import { anyFormat, retrieval } from "./fuzzed-parameters.ts";

const nested = (depth: number, open: string, close: string): string =>
  open.repeat(depth) + close.repeat(depth);

/** Values as they stand in JSON, or nearly: JavaScript could not write some of them. */
const scalars = [
  ...["null", "true", "false", "0", "-0", "-1", "1", "3", "1.5", "1e308", "1e999", "-1e999"],
  ...["9007199254740993", "123456789012345678901234567890", "0.1e-400", "NaN", "01", "+1", "'x'"],
  ...[
    '""',
    '"x"',
    '"\\ud800"',
    '"\\udfff\\ud800x"',
    '"\\u0000"',
    '"\u{1f4a5}"',
    '"\u0000"',
    '"\\x"',
  ],
  ...[`"${"x".repeat(300)}"`, `"${"\u00e9".repeat(3_000)}"`, '"<|im_start|>"', '"</s><s>"'],
];
const structures = [
  ...["[]", "{}", "[[]]", "[1,2,3]", '["a","b"]', '["","",""]', '{"__proto__":{"x":1}}'],
  ...['{"constructor":{"prototype":{"x":1}}}', '{"length":7}', '{"toString":1}'],
  ...['[{"role":"user","content":"x"}]', '[{"role":"user"}]', '[{"role":"tool","content":"x"}]'],
  ...['[{"role":"system","content":"x"},{"role":"system","content":"\\ud800"}]'],
  ...['[{"role":"user","content":[{"type":"text","text":"x"}]}]'],
  ...['[{"role":"user","content":[{"type":"image_url","image_url":"x"}]}]'],
  ...['[{"role":"user","content":"x","name":"zebra","zebra":1}]', '[{"role":"zebra"}]'],
  ...['[{"role":"assistant"}]', '[{"role":"assistant","content":null,"refusal":"zebra"}]'],
  ...['[{"role":"assistant","content":"x","tool_calls":[{"id":"zebra"}],"reasoning_content":"x"}]'],
  ...['[{"role":"user","content":[{"type":"text","text":"x","cache_control":{},"zebra":1}]}]'],
  ...['[{"role":"user","content":"x","__proto__":{"role":"system"}}]', "[null]", '["zebra"]'],
  ...['[{"role":"assistant","content":"x"},{"role":"assistant","content":""}]'],
  ...['{"include_usage":true}', '{"index":"docs"}', '{"index":7}', '{"index":"../../x","top_k":1}'],
  ...['{"index":"docs","top_k":-1}', '{"top_k":1e9,"rerank_k":0}', '{"type":"json_object"}'],
  nested(50, "[", "]"),
  nested(20_000, "[", "]"),
  `${nested(20_000, '{"a":', "")}1${"}".repeat(20_000)}`,
];

const strangeKeys = ["__proto__", "constructor", "toString", "", "\\ud800", "\\u0000", "Prompt"];
const key = fc.oneof(
  { arbitrary: fc.constantFrom(...knownParameters), weight: 6 },
  { arbitrary: fc.constantFrom(...strangeKeys), weight: 1 },
);
const member = fc.oneof(
  {
    arbitrary: fc
      .tuple(key, fc.constantFrom(...scalars, ...structures))
      .map(([name, value]) => `"${name}":${value}`),
    weight: 4,
  },
  { arbitrary: anyFormat, weight: 1 },
  { arbitrary: retrieval, weight: 1 },
);

const prompt = '"prompt":"the story"';
const messages = '"messages":[{"role":"user","content":"the story"}]';

/** Begins as a good request for the route, so that some get farther than others. */
function members(path: string): fc.Arbitrary<Buffer> {
  const good = path.includes("chat") ? messages : prompt;
  const beginning = fc.oneof(
    { arbitrary: fc.constant([good]), weight: 8 },
    { arbitrary: fc.subarray([prompt, messages]), weight: 1 },
  );
  const rest = fc.oneof(
    { arbitrary: fc.array(member, { maxLength: 4 }), weight: 3 },
    { arbitrary: fc.tuple(anyFormat), weight: 1 },
    { arbitrary: fc.tuple(retrieval), weight: 1 },
    { arbitrary: fc.tuple(anyFormat, retrieval), weight: 1 },
  );
  return fc
    .tuple(beginning, rest)
    .map(([first, others]) =>
      Buffer.from(`{${[...first, '"max_tokens":3', ...others].join(",")}}`),
    );
}

/** A few bytes changed, left out or put in. */
const damaged = (whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      whole,
      fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 4 }),
    )
    .map(([bytes, changes]) =>
      changes.reduce((before, [place, byte, change]) => {
        const at = place % (before.length + 1);
        const removed = change === 1 ? 0 : 1;
        const added = change === 2 ? [] : [byte];
        return Buffer.concat([
          before.subarray(0, at),
          Buffer.from(added),
          before.subarray(at + removed),
        ]);
      }, bytes),
    );

const rubbish = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const large = fc.integer({ min: 1, max: 90_000 }).map((size) => Buffer.alloc(size, '{"prompt":"x'));

/** Bodies between what a client sends to a route and what only an attacker would. */
export function fuzzedBody(path: string): fc.Arbitrary<Buffer> {
  const whole = members(path);
  const value = fc.constantFrom(...scalars, ...structures).map((one) => Buffer.from(one));
  return fc.oneof(
    { arbitrary: whole, weight: 10 },
    { arbitrary: damaged(whole), weight: 4 },
    { arbitrary: rubbish, weight: 1 },
    { arbitrary: value, weight: 1 },
    { arbitrary: large, weight: 1 },
    { arbitrary: fc.constant(Buffer.alloc(0)), weight: 1 },
  );
}
