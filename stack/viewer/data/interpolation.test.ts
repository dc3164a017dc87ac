import assert from "node:assert/strict";
import { test } from "node:test";
import { interpolate, type VariableValue } from "./interpolation.ts";
import { readVariables, resolveVariableValues } from "./variables.ts";

const one = (value: string): VariableValue => ({ values: [value], text: value, isAll: false });
const variables = new Map<string, VariableValue>([
  ["version", one("1.2+x")],
  ["several", { values: ["a.b", "c"], text: "a.b + c", isAll: false }],
  ["all", { values: ["a", "b"], text: "All", isAll: true, allValue: ".*" }],
  ["every", { values: ["a", "b"], text: "All", isAll: true }],
  ["empty", one("")],
]);

const cases: readonly (readonly [text: string, replaced: string])[] = [
  ['{ v = "$version" }', '{ v = "1.2+x" }'],
  ["${version}s [[version]]", "1.2+xs 1.2+x"],
  ["=~ `${version:regex}`", "=~ `1\\.2\\+x`"],
  ["${several}", "a.b|c"],
  ["${several:regex}", "(a\\.b|c)"],
  ["${several:csv}", "a.b,c"],
  ["${several:doublequote}", '"a.b","c"'],
  ["${several:json}", '["a.b","c"]'],
  ["${several:queryparam}", "var-several=a.b&var-several=c"],
  ["${several:text}", "a.b + c"],
  ["${all:regex} ${all} ${all:text}", ".* .* All"],
  ["${all:queryparam}", "var-all=%24__all"],
  ["${every:regex}", "(a|b)"],
  ["${version:percentencode}", "1.2%2Bx"],
  ["[$empty]", "[]"],
  ["$unknown ${unknown:regex} costs 5$", "$unknown ${unknown:regex} costs 5$"],
  ["${__from} ${__from:percentencode} $__nothing", "<__from> <__from> $__nothing"],
  ['${__data.fields["a b"]}', '<__data.fields["a b"]>'],
];

for (const [text, replaced] of cases) {
  test(text, () => {
    const builtIn = (path: string) => (path === "__nothing" ? undefined : `<${path}>`);
    assert.equal(interpolate(text, { variables, builtIn }), replaced);
  });
}

test("a replaced value is not read again", () => {
  const values = new Map([
    ["a", one("$b")],
    ["b", one("no")],
  ]);
  assert.equal(interpolate("$a", { variables: values }), "$b");
});

test("variables are what the address says, else what they were saved with", () => {
  const read = readVariables([
    {
      type: "custom",
      name: "environment",
      query: "dev, Production : prod, a\\,b",
      includeAll: true,
      allValue: ".*",
      current: { value: "$__all" },
    },
    { type: "textbox", name: "traceId", query: "abc" },
    { type: "constant", name: "service", query: "miniserve" },
    { type: "query", name: "asked", current: { value: ["x", "y"] }, multi: true },
  ]);
  assert.deepEqual(read[0]?.options, [
    { text: "All", value: "$__all" },
    { text: "dev", value: "dev" },
    { text: "Production", value: "prod" },
    { text: "a,b", value: "a,b" },
  ]);
  assert.equal(read[3]?.kind, "unsupported");
  const texts = (address: string) =>
    [...resolveVariableValues(read, new URLSearchParams(address)).values()].map(({ text }) => text);
  assert.deepEqual(texts(""), ["All", "abc", "miniserve", "x + y"]);
  assert.deepEqual(texts("var-environment=prod&var-traceId=def&var-service=other"), [
    "Production",
    "def",
    "miniserve",
    "x + y",
  ]);
  assert.deepEqual(texts("var-environment=typed+in&var-asked=z"), [
    "typed in",
    "abc",
    "miniserve",
    "z",
  ]);
  const all = resolveVariableValues(read, new URLSearchParams("var-environment=$__all")).get(
    "environment",
  );
  assert.deepEqual(all, {
    values: ["dev", "prod", "a,b"],
    text: "All",
    isAll: true,
    isHidden: false,
    allValue: ".*",
  });
});
