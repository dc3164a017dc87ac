import type { Field } from "../../syntax.ts";
import {
  binariesOf,
  comparisonsOf,
  fieldsOf,
  holdsFloat,
  holdsOperator,
  isArithmetic,
  isCondition,
  isConstant,
  isNil,
  speaksOf,
  type TypesOf,
} from "../query-parts.ts";
import type { Asked, KnownDifference } from "./known-difference.ts";

const nestedSets = ["nestedSetLeft", "nestedSetRight", "nestedSetParent"] as const;

export const differencesInConditions: readonly KnownDifference[] = [
  {
    // What is known without a span is calculated by the parser.
    applies: ({ query, text }) => holdsOperator(query, "^") || /\d \^ \d/.test(text),
    question: "`{ 2 ^ 3 = 8 }`",
    inTempo: "the base and the exponent are exchanged: 9",
    here: "8",
  },
  {
    applies: ({ query }) =>
      comparisonsOf(query).some(({ left, right }) => isConstant(left) && !isConstant(right)),
    question: "`{ 3 < span.x }`, `{ 1s < duration }`",
    inTempo: "nothing, or refused",
    here: "as `{ span.x > 3 }`",
  },
  {
    applies: ({ query }) =>
      holdsOperator(query, "!") ||
      binariesOf(query).some(
        ({ operator, left, right }) =>
          operator === "||" && [left, right].some(({ type }) => type === "field"),
      ) ||
      comparisonsOf(query).some(({ left, right }) => isCondition(left) || isCondition(right)),
    question:
      "`{ !(span.x = 3) }`, `{ !span.b }`, `{ (span.x = 3) = false }`, `{ span.b || duration > 1s }`",
    inTempo: "only spans that have the attribute; of a number, the query fails",
    here: "every span for which it is not true",
  },
  {
    applies: ({ query }) => holdsOperator(query, "/", "%", "unary -"),
    question: "a division by zero, `-span.k` of a text or of nothing",
    inTempo: "the query fails",
    here: "not true",
  },
  {
    applies: isOfServiceName,
    question: "`resource.service.name` of a resource that has none",
    inTempo: "an empty text; to ask for `= nil` is refused",
    here: "missing, as any attribute",
  },
  {
    applies: ({ query }) =>
      comparisonsOf(query).some((comparison) => comparison.operator === "=" && isNil(comparison)),
    question: "`{ span.x = nil }`",
    inTempo: "exact on dedicated columns only",
    here: "every span without it",
  },
  {
    applies: ({ query }) =>
      speaksOf(query, "span:id", "span:parentID", "trace:id", "link:traceID", "link:spanID"),
    question:
      "`span:id`, `trace:id`, `link:traceID` with zeros in front; of a root, or without links",
    inTempo: "the zeros are lost; empty",
    here: "the zeros are kept; missing",
  },
  {
    applies: ({ query }) =>
      comparisonsOf(query).some(
        (comparison) =>
          holdsFloat(comparison) && speaksOf(comparison, "span:duration", "trace:duration"),
      ),
    question: "`{ duration = 2.5 }`",
    inTempo: "every span",
    here: "as nanoseconds",
  },
  {
    applies: ({ query }) => holdsFloat(query) && speaksOf(query, "span:childCount", ...nestedSets),
    question: "`{ span:childCount > 1.5 }`, `{ nestedSetLeft > 1.5 }`",
    inTempo: "the query fails",
    here: "numbers are numbers",
  },
  {
    applies: ({ query }) => speaksOf(query, ...nestedSets),
    question: "`nestedSetLeft`, `nestedSetRight` of siblings",
    inTempo: "in any order",
    here: "in the order of their starts",
  },
  {
    applies: ({ query, typesOf }) =>
      binariesOf(query).some(
        ({ operator, left, right }) =>
          (isArray(left, typesOf) && (right.type !== "literal" || isArithmetic(operator))) ||
          (isArray(right, typesOf) && isArithmetic(operator)),
      ),
    question:
      "`{ span.arr = span.arr }`, `{ span.arr * 2 > 1 }`: an array beside an array, or calculated with",
    inTempo: "the query fails",
    here: "each element with each; no number",
  },
  {
    applies: ({ query, typesOf }) =>
      comparisonsOf(query).some(({ left, right }) =>
        [left, right].some((side) => isArray(side, typesOf)),
      ),
    question: '`{ span.arr != "a" }`, `{ span.arr !~ "a" }` where nothing else is asked',
    inTempo: "found where one element is another; two patterns for one list fail",
    here: "as documented, only where no element is equal or fits",
  },
  {
    applies: ({ query, typesOf }) =>
      comparisonsOf(query).some(
        ({ left, right }) =>
          left.type === "field" &&
          left.field.type === "attribute" &&
          right.type === "literal" &&
          [...typesOf(left.field.name)].some((type) => isOtherNumber(type, right.literal.type)),
      ),
    question:
      "`{ span.f > 50 }` of doubles, `{ span.x = 3.0 }` of integers, where nothing else is asked",
    inTempo: "only values of the literal's own type",
    here: "numbers are numbers",
  },
  {
    applies: ({ query }) =>
      comparisonsOf(query).some(({ left, right }) => !isConstant(left) && !isConstant(right)),
    question: "`{ span.a >= span.b }` where one of the two is missing",
    inTempo: "found at times",
    here: "not true",
  },
  {
    applies: ({ query }) =>
      speaksOf(query, "event.", "link.", "event:name", "event:timeSinceStart"),
    question: "`{ event.n > 5 } | by(name)`: several events or links, and another stage or spanset",
    inTempo: "one of them is looked at",
    here: "any of them",
  },
];

function isArray(
  side: { readonly type: string; readonly field?: Field },
  typesOf: TypesOf,
): boolean {
  return side.field?.type === "attribute" && typesOf(side.field.name).has("array");
}

/** Whether a value of this type and a literal of that one are numbers of another kind. */
function isOtherNumber(type: string, literal: string): boolean {
  const numbers: Readonly<Record<string, string>> = {
    int: "int",
    float: "double",
    duration: "duration",
  };
  return (type === "int" || type === "double") && literal in numbers && numbers[literal] !== type;
}

/** To ask which one it is tells nothing of a resource without one. */
function isOfServiceName({ query }: Asked): boolean {
  const isServiceName = (field: Field) =>
    field.name === "service.name" &&
    field.type === "attribute" &&
    (field.scope === "resource" || field.scope === "any");
  const plain = comparisonsOf(query).filter(
    ({ operator, left, right }) =>
      (operator === "=" || operator === "=~") &&
      left.type === "field" &&
      isServiceName(left.field) &&
      right.type === "literal" &&
      right.literal.type === "string",
  );
  return fieldsOf(query).filter(isServiceName).length > plain.length;
}
