import type { Expression, Field, Query } from "#traceql";
import {
  asksMore,
  hasArray,
  hasColumn,
  holdsFloat,
  holdsOperator,
  isConstant,
  isNil,
  isServiceName,
  isTurnedRound,
  listBinaries,
  listComparisons,
  listConditions,
  listFields,
  listStages,
  mentionsField,
} from "../query-parts.ts";
import type { AskedQuery, KnownDifference } from "./known-difference.ts";

function isNumbered({ name }: Field): boolean {
  return /^nestedSet/.test(name);
}

/** `nestedSetParent < 0`, whatever the order of siblings. */
function listRootQuestions(query: Query): ReturnType<typeof listComparisons> {
  return listComparisons(query).filter(
    ({ left, right }) =>
      left.type === "field" &&
      left.field.name === "nestedSetParent" &&
      right.type === "literal" &&
      right.literal.type === "int" &&
      right.literal.value <= 0n,
  );
}

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
      listComparisons(query).some(({ left, right }) => isConstant(left) && right.type === "field"),
    question: "`{ 3 < span.x }`, `{ 1s < duration }`",
    inTempo: "nothing",
    here: "as `{ span.x > 3 }`",
  },
  {
    applies: ({ query }) =>
      listBinaries(query).some(({ operator, right }) => operator === "/" && !isNumberBut0(right)),
    question: "`{ duration / span.x > 1s }`: a duration or a fraction divided by zero",
    inTempo: "infinite",
    here: "not true",
  },
  {
    applies: ({ query }) => listConditions(query).some((condition) => isTurnedRound(condition)),
    question: "`{ !(span.x = 3) }`, `{ !span.b }`, `{ (span.x = 3) = false }`",
    inTempo: "nothing where nothing else is asked, as only spans with `span.x = 3` are looked at",
    here: "every span for which it is not true",
  },
  {
    applies: ({ query }) =>
      listBinaries(query).some(
        ({ operator, left, right }) =>
          operator === "||" && [left, right].some(({ type }) => type === "field"),
      ),
    question: "`{ span.b || duration > 1s }`",
    inTempo: "only spans that have the attribute",
    here: "every span for which one of them is true",
  },
  {
    applies: ({ query }) =>
      listBinaries(query).some(
        ({ operator, left, right }) => operator === "||" && isConstant(left) !== isConstant(right),
      ),
    question: "`{ span.x = 3 || true }`",
    inTempo: "only spans that are found without the `true`",
    here: "every span",
  },
  {
    applies: isOfServiceName,
    question: "`resource.service.name` of a resource that has none",
    inTempo: "an empty text",
    here: "missing, as any attribute",
  },
  {
    applies: ({ query }) =>
      listComparisons(query).some((comparison) => comparison.operator === "=" && isNil(comparison)),
    question: "`{ span.x = nil }`",
    inTempo: "exact on dedicated columns only",
    here: "every span without it",
  },
  {
    applies: ({ query }) => mentionsField(query, "span:parentID", "link:traceID", "link:spanID"),
    question:
      "`span:parentID` of a root; `link:traceID`, `link:spanID` without links, or with zeros in front",
    inTempo: "empty, or zeros; those in front are lost",
    here: "missing; the zeros are kept",
  },
  {
    applies: ({ query }) =>
      listComparisons(query).some(
        (comparison) =>
          holdsFloat(comparison) && mentionsField(comparison, "span:duration", "trace:duration"),
      ),
    question: "`{ duration = 2.5 }`",
    inTempo: "every span",
    here: "as nanoseconds",
  },
  {
    applies: ({ query }) =>
      listFields(query).filter(isNumbered).length > listRootQuestions(query).length,
    question: "`nestedSetLeft`, `nestedSetRight` of siblings",
    inTempo: "in any order",
    here: "in the order of their starts",
  },
  {
    applies: ({ query }) =>
      (asksMore(query) || holdsOperator(query, "||")) &&
      listRootQuestions(query).some(({ operator }) => /^(>=|!=)$/.test(operator)),
    question: "`{ nestedSetParent >= 0 } | by(name)`: no roots, and another stage or spanset",
    inTempo: "roots too",
    here: "no roots",
  },
  {
    applies: ({ query, getTypes }) =>
      listConditions(query).some((condition) => hasArray(condition, getTypes)),
    question: "`{ span.arr }` of a list such as `[false, true]`, where nothing else is asked",
    inTempo: "only its first element counts",
    here: "as `{ span.arr = true }`",
  },
  {
    applies: ({ query, getTypes }) =>
      listComparisons(query).some(
        ({ operator, left, right }) =>
          operator.startsWith("!") && [left, right].some((side) => hasArray(side, getTypes)),
      ),
    question: '`{ span.arr != "a" }`, `{ span.arr !~ "a" }` where nothing else is asked',
    inTempo: "found where one element is another",
    here: "as documented, only where no element is equal or fits",
  },
  {
    applies: ({ query, getTypes }) =>
      listComparisons(query).some(
        ({ left, right }) =>
          left.type === "field" &&
          left.field.type === "attribute" &&
          right.type === "literal" &&
          [...getTypes(left.field.name)].some((type) => isOtherNumber(type, right.literal.type)),
      ),
    question:
      "`{ span.f > 50 }` of doubles, `{ span.x = 3.0 }` of integers, where nothing else is asked",
    inTempo: "only values of the literal's own type",
    here: "numbers are numbers",
  },
  {
    applies: ({ query }) => besides(query).some((field) => hasColumn(field)),
    question: "`{ span.a >= span.b }` where the one with a dedicated column is missing",
    inTempo: "it is the text `nil`",
    here: "not true",
  },
  {
    applies: ({ query }) => asksMore(query) && besides(query).length > 0,
    question: "`{ span.a = span.b } || { span.x = 1 }` where both are missing",
    inTempo: "found",
    here: "not true",
  },
  {
    applies: ({ query }) =>
      (listStages(query.stages).length > 1 || query.metrics !== null) &&
      listConditions(query).some((condition) =>
        mentionsField(condition, "event.", "link.", "event:name", "event:timeSinceStart"),
      ),
    question: "`{ event.n > 5 } | by(name)`: of several events or links, and another stage",
    inTempo: "one of them is looked at",
    here: "any of them",
  },
];

/** The attributes that are compared with others. */
function besides(query: Query): Field[] {
  const listAttributes = (side: Expression) =>
    listFields(side).filter(({ type }) => type === "attribute");
  return listComparisons(query)
    .map(({ left, right }) => [listAttributes(left), listAttributes(right)])
    .filter((sides) => sides.every(({ length }) => length > 0))
    .flat(2);
}

function isNumberBut0(expression: Expression): boolean {
  return (
    expression.type === "literal" &&
    "value" in expression.literal &&
    Number(expression.literal.value) !== 0
  );
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
function isOfServiceName({ query }: AskedQuery): boolean {
  const plain = listComparisons(query).filter(
    ({ operator, left, right }) =>
      (operator === "=" || operator === "=~") &&
      left.type === "field" &&
      isServiceName(left.field) &&
      right.type === "literal" &&
      right.literal.type === "string",
  );
  return listFields(query).filter(isServiceName).length > plain.length;
}
