import type { JsonForm } from "./json-form.ts";

/** Integers have at most 15 digits, which every reader of JSON takes without loss. */
const largestInteger = 999_999_999_999_999;

/** A range of so many integers is written out. */
const writtenIntegers = 1_000;

/** The form of the numbers in the bounds that a schema sets, or what is wrong with them. */
export function numberForm(
  schema: Readonly<Record<string, unknown>>,
  type: "integer" | "number",
): { readonly form: JsonForm } | { readonly fault: string } {
  const isInteger = type === "integer";
  const set = bounds.filter((keyword) => Object.hasOwn(schema, keyword));
  const wrong = set.find((keyword) => typeof schema[keyword] !== "number");
  if (wrong !== undefined) return { fault: `${wrong} must be a number.` };
  const bound = (keyword: Bound): number => Number(schema[keyword] ?? Number.NaN);
  const least = highest(Math.ceil(bound("minimum")), Math.floor(bound("exclusiveMinimum")) + 1);
  const most = -highest(-Math.floor(bound("maximum")), -(Math.ceil(bound("exclusiveMaximum")) - 1));
  const [only] = set;
  if (!isInteger) {
    if (only === undefined) return { form: { kind: "number", isInteger, from: "any" } };
    if (set.length === 1 && schema.minimum === 0) {
      return { form: { kind: "number", isInteger, from: 0 } };
    }
    return { fault: `The keyword ${only} is only supported for integers, and minimum 0.` };
  }
  return integerForm(least, most);
}

const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] as const;
type Bound = (typeof bounds)[number];

/** Of two lower bounds, of which NaN is none. */
function highest(...values: readonly number[]): number {
  return Math.max(...values.filter((value) => !Number.isNaN(value)));
}

function integerForm(
  least: number,
  most: number,
): { readonly form: JsonForm } | { readonly fault: string } {
  if (least > most) return { fault: "No integer is within its minimum and maximum." };
  const count = most - least + 1;
  if (count <= writtenIntegers && Number.isSafeInteger(least) && Number.isSafeInteger(most)) {
    const texts = Array.from({ length: count }, (_, index) => String(least + index));
    return { form: { kind: "literals", texts } };
  }
  const from = least <= -largestInteger ? "any" : least;
  if (most >= largestInteger && (from === "any" || from === 0 || from === 1)) {
    return { form: { kind: "number", isInteger: true, from } };
  }
  return {
    fault: `minimum and maximum are supported for ranges of up to ${writtenIntegers} integers, and for all from 0 or 1.`,
  };
}
