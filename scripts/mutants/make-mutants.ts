/** Small deliberate faults in a source text. A test suite that is worth its time notices each. */
import { parseSync, Visitor } from "oxc-parser";

/** One fault: `before` at `start` becomes `after`. */
export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

const otherOperators: Readonly<Record<string, string>> = {
  ">": ">=",
  ">=": ">",
  "<": "<=",
  "<=": "<",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "&&": "||",
  "||": "&&",
};

/** Comparisons that stand in SQL or TraceQL text, where the parser of TypeScript sees letters only. */
const comparisonInText = / (>=|<=|>|<|AND|OR) /g;
const otherComparisons: Readonly<Record<string, string>> = {
  ">": ">=",
  ">=": ">",
  "<": "<=",
  "<=": "<",
  AND: "OR",
  OR: "AND",
};

/**
 * Which texts are damaged besides: those of the named properties, or all, and then also what is put
 * into a text by `${…}`. Without any, only what is compared and calculated is.
 */
export type DamagedTexts = "all" | readonly string[];

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Edit extends Range {
  readonly after: string;
}

interface Literal extends Range {
  readonly value: unknown;
}

/** Every fault that can be made in `source`, in the order of the text. */
export function createMutants(file: string, source: string, texts: DamagedTexts = []): Mutant[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) {
    throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  }
  const edits: Edit[] = [];
  const untouched: Range[] = [];
  const operator = (node: {
    readonly operator: string;
    readonly left: { readonly end: number };
  }) => {
    const after = otherOperators[node.operator];
    if (after === undefined) {
      return;
    }
    const start = source.indexOf(node.operator, node.left.end);
    edits.push({ start, end: start + node.operator.length, after });
  };
  new Visitor({
    BinaryExpression: operator,
    LogicalExpression: operator,
    Literal: (node) => {
      edits.push(...createLiteralEdits(node, source));
      if (texts === "all" && typeof node.value === "string") {
        edits.push(damagedText(node, source));
      }
    },
    Property: ({ key, value }) => {
      if (key.type !== "Identifier") {
        return;
      }
      if (texts === "all") {
        untouched.push(key);
      } else if (texts.includes(key.name) && value.type === "Literal") {
        if (typeof value.value === "string") {
          edits.push(damagedText(value, source));
        }
      }
    },
    TemplateElement: (node) => edits.push(...comparisonsIn(node, source)),
    TemplateLiteral: ({ expressions }) => {
      if (texts !== "all") {
        return;
      }
      edits.push(...expressions.map(({ start, end }) => ({ start, end, after: '""' })));
    },
    UnaryExpression: (node) => {
      if (node.operator === "!") {
        edits.push({ start: node.start, end: node.start + 1, after: "" });
      }
    },
    TSLiteralType: (node) => untouched.push(node),
    ImportDeclaration: (node) => untouched.push(node),
  }).visit(program);
  return edits
    .filter(({ start }) => !untouched.some((range) => range.start <= start && start < range.end))
    .sort((one, other) => one.start - other.start)
    .map(({ start, end, after }) => ({
      file,
      start,
      line: source.slice(0, start).split("\n").length,
      before: source.slice(start, end),
      after,
    }));
}

function createLiteralEdits(literal: Literal, source: string): Edit[] {
  const { start, end, value } = literal;
  switch (typeof value) {
    case "number":
      return [{ start, end, after: String(value + 1) }];
    case "bigint":
      return [{ start, end, after: `${value + 1n}n` }];
    case "boolean":
      return [{ start, end, after: String(!value) }];
    case "string":
      return comparisonsIn(literal, source);
    default:
      return [];
  }
}

function comparisonsIn(range: Range, source: string): Edit[] {
  const text = source.slice(range.start, range.end);
  return [...text.matchAll(comparisonInText)].map(({ index, 1: found = "" }) => {
    const start = range.start + index + 1;
    return { start, end: start + found.length, after: otherComparisons[found] ?? found };
  });
}

/** Another text: `"ms"` becomes `"ms."`. */
function damagedText({ start, end }: Range, source: string): Edit {
  const text = source.slice(start, end);
  return { start, end, after: `${text.slice(0, -1)}.${text.slice(-1)}` };
}

/** The source text with the fault in it. */
export function applied({ start, before, after }: Mutant, source: string): string {
  return source.slice(0, start) + after + source.slice(start + before.length);
}

/** `count` of the mutants, spread evenly, so that every part of a file has some. */
export function spread(mutants: readonly Mutant[], count: number): Mutant[] {
  const step = Math.max(1, mutants.length / count);
  return mutants.filter((_, index) => Math.floor(index / step) > Math.floor((index - 1) / step));
}
