import fc from "fast-check";
import type { Value } from "#contract";

export type Scoped = "span" | "resource" | "event" | "link" | "instrumentation";

export interface RandomKey {
  readonly key: string;
  readonly values: fc.Arbitrary<Value>;
}

/** Exact in binary, so that sums do not depend on the order of adding. */
const fractions = [0.5, 1.5, 2.5, 60.5, -0.25, 2, 50, 1024];
export const floats = fc.constantFrom(...fractions);
export const ints = fc.constantFrom(0n, 1n, 2n, 3n, 5n, 7n, -1n, 50n, 1024n);
/** Two of them are in another order as UTF-16 than as UTF-8. */
export const texts = fc.constantFrom(
  ..."|a|ab|b|ünï|a\nb|nil|5|true|\uffee|\u{1f600}|a'b|a\\b|`|\0".split("|"),
);
export const extremeInts = fc.constantFrom(
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 53n + 1n,
  -1n,
  10n ** 18n,
);
const extremeFloats = fc.constantFrom(NaN, Infinity, -Infinity, 1e308, 5e-324, 2 ** 53);

const text = texts.map((value): Value => ({ type: "string", value }));
const int = ints.map((value): Value => ({ type: "int", value }));
const double = fc
  .oneof({ weight: 20, arbitrary: floats }, { weight: 1, arbitrary: fc.constant(Number.NaN) })
  .map((value): Value => ({ type: "double", value }));
const bool = fc.boolean().map((value): Value => ({ type: "bool", value }));
const extreme = fc.oneof(
  extremeInts.map((value): Value => ({ type: "int", value })),
  extremeFloats.map((value): Value => ({ type: "double", value })),
);

const scalar = fc.oneof(text, int, double, bool);
const array = fc
  .oneof(
    fc.array(text, { maxLength: 3 }),
    fc.array(int, { maxLength: 3 }),
    fc.array(double, { maxLength: 3 }),
    fc.array(bool, { maxLength: 2 }),
    fc.array(fc.oneof(scalar, fc.constant<Value>({ type: "array", value: [] })), { maxLength: 4 }),
  )
  .map((value): Value => ({ type: "array", value }));
const uncomparable = fc.constantFrom<Value[]>(
  { type: "empty" },
  { type: "bytes", value: Uint8Array.of(0, 255) },
  { type: "map", value: [{ key: "x", value: { type: "int", value: 3n } }] },
);

/** Nearly always of the key's own type. */
function mostly(usual: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 14, arbitrary: usual },
    { weight: 2, arbitrary: scalar },
    { weight: 1, arbitrary: array },
    { weight: 1, arbitrary: uncomparable },
  );
}

function key(name: string, usual: fc.Arbitrary<Value>): RandomKey {
  return { key: name, values: mostly(usual) };
}

/** Doubles that JavaScript's exporter sends as integers where they are whole. */
const number = fc.oneof(int, double);

/** Those of the contract, which have columns, and others; some are in several scopes. */
export const attributeKeys: Readonly<Record<Scoped, readonly RandomKey[]>> = {
  span: [
    key("llm.tokens.out", int),
    key("llm.decode.mean_step_ms", number),
    key("llm.model", text),
    key("llm.request.streamed", bool),
    key("service.name", text),
    key("x", int),
    key("f", number),
    key("s", text),
    key("b", bool),
    key("arr", array),
    key("mix", scalar),
    key("a b", text),
    key('q"/~\\', text),
    key("ünï", int),
    { key: "extreme", values: extreme },
  ],
  resource: [
    key("service.version", text),
    key("service.name", text),
    key("region", text),
    key("x", int),
    key("arr", array),
    { key: "extreme", values: extreme },
  ],
  event: [key("x", int), key("en", text), key("f", number), key("arr", array)],
  link: [key("x", int), key("ln", text), key("arr", array)],
  instrumentation: [key("x", int), key("sa", text), key("arr", array)],
};
