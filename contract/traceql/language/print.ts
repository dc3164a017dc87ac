import { isNumber } from "./fold-constants.ts";
import { olderSpelling } from "./intrinsics.ts";
import { smallestInt } from "./scanner.ts";
import {
  type BinaryOperator,
  type Expression,
  type Field,
  holdsPipeline,
  type Literal,
  type MetricsStage,
  type Query,
  relationText,
  type Scalar,
  type SeriesStage,
  type Spanset,
  type SpansetOperator,
  type Stage,
} from "./syntax.ts";

/** How a syntax tree is written where TraceQL has several spellings: all are read as the same tree. */
export interface PrintStyle {
  readonly field: (field: Field) => string;
  /** @param isPattern Whether it stands at the right of `=~` or `!~`. */
  readonly literal: (literal: Literal, isPattern: boolean) => string;
  /** What stands behind `{` and before `}`. */
  readonly padding: " " | "";
  /** Whether `{ }` is left out before a stage that is about all spans without it. */
  readonly isShort: boolean;
  /**
   * needed: only where a different tree would be read without them. clear: also between operators
   * whose binding few people know. operands: around every binary operand of an expression.
   * everywhere: around all that can have them.
   */
  readonly parentheses: "needed" | "clear" | "operands" | "everywhere";
}

/** What generated queries look like. */
export const standardStyle: PrintStyle = {
  field: printField,
  literal: printLiteral,
  padding: " ",
  isShort: false,
  parentheses: "clear",
};

/** The text of a query. `parseQuery` reads the same tree from it. */
export function printQuery(query: Query, style: PrintStyle = standardStyle): string {
  const printer = new Printer(style);
  const metrics = query.metrics === null ? [] : [printer.metrics(query.metrics)];
  const hints = query.hints.map(({ name, value }) => `${name}=${printLiteral(value)}`);
  return [
    [...printer.stages(query.stages), ...metrics].join(" | "),
    ...query.seriesStages.map(printSeriesStage),
    hints.length === 0 ? "" : ` with (${hints.join(", ")})`,
  ].join("");
}

export function printExpression(expression: Expression, style: PrintStyle = standardStyle): string {
  return new Printer(style).expression(expression);
}

/** An attribute with its scope, its name in quotes where it is more than words and dots. */
export function printField(field: Field): string {
  if (field.type === "intrinsic") {
    // Of the trace's, the older ones do not say so.
    return field.name.startsWith("span:") ? olderSpelling(field.name) : field.name;
  }
  const name = /^[\w.]+$/.test(field.name) ? field.name : quoted(field.name);
  return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
}

export function printLiteral(literal: Literal, isPattern = false): string {
  switch (literal.type) {
    case "string":
      return isPattern && !literal.value.includes("`")
        ? // A backslash is one there, so that the pattern can be read as it was written.
          `\`${literal.value}\``
        : quoted(literal.value);
    case "int":
      return literal.value === smallestInt ? "minInt" : String(literal.value);
    case "float":
      return decimal(literal.value);
    case "duration":
      return printDuration(literal.nanoseconds);
    case "nil":
      return "nil";
    case "placeholder":
      return literal.text;
    default:
      return String(literal.value);
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A string in double quotes, with Go's escapes. */
function quoted(text: string): string {
  const body = text.replace(
    /[\\"\p{Cc}\u2028\u2029]/gu,
    (character) =>
      shortEscapes[character] ??
      `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `"${body}"`;
}

/** With a point, which tells it from an integer, and without an exponent, which not every reader takes. */
function decimal(value: number): string {
  const [digits = "", exponent] = String(value).split("e");
  if (exponent === undefined) {
    return Number.isInteger(value) ? `${digits}.0` : digits;
  }
  const sign = digits.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  return point > 0 ? `${sign}${all.padEnd(point, "0")}.0` : `${sign}0.${"0".repeat(-point)}${all}`;
}

const durationUnits = [
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["us", 1_000n],
] as const;

/** With one unit, the largest that leaves a whole number: `1500ms`, never `1m30s`. */
function printDuration(nanoseconds: bigint): string {
  const unit = durationUnits.find(([, size]) => nanoseconds !== 0n && nanoseconds % size === 0n);
  return unit === undefined ? `${nanoseconds}ns` : `${nanoseconds / unit[1]}${unit[0]}`;
}

function printSeriesStage(stage: SeriesStage): string {
  return stage.type === "threshold"
    ? ` ${stage.operator} ${printLiteral(stage.value)}`
    : ` | ${stage.type}(${stage.count})`;
}

function spansetOperatorText(operator: SpansetOperator): string {
  switch (operator.type) {
    case "and":
      return "&&";
    case "or":
      return "||";
    default:
      return `${operator.isNegated ? "!" : ""}${operator.isUnion ? "&" : ""}${relationText[operator.relation]}`;
  }
}

/** How tightly a part binds: more is tighter. */
const binding = {
  logical: 0,
  comparison: 1,
  sum: 2,
  minus: 2.5,
  product: 3,
  power: 4,
  not: 5,
  plain: 6,
};
/** What stands at the right of an operator that binds from the left, or at the left of the other kind. */
const tighter = 0.1;

function getBindingPower(expression: Expression): number {
  switch (expression.type) {
    case "binary":
      return bindingOfOperator(expression.operator);
    case "unary":
      return expression.operator === "!" ? binding.not : binding.minus;
    case "literal":
      return isNegative(expression.literal) ? binding.minus : binding.plain;
    case "field":
      return binding.plain;
    default:
      return expression satisfies never;
  }
}

function bindingOfOperator(operator: BinaryOperator): number {
  switch (operator) {
    case "&&":
    case "||":
      return binding.logical;
    case "+":
    case "-":
      return binding.sum;
    case "*":
    case "/":
    case "%":
      return binding.product;
    case "^":
      return binding.power;
    default:
      return binding.comparison;
  }
}

function isNegative(literal: Literal): boolean {
  return (
    isNumber(literal) && (literal.type === "duration" ? literal.nanoseconds : literal.value) < 0
  );
}

class Printer {
  readonly #style: PrintStyle;

  constructor(style: PrintStyle) {
    this.#style = style;
  }

  stages(stages: readonly Stage[]): string[] {
    const [first, second] = stages;
    const isLeftOut =
      this.#style.isShort &&
      first?.type === "spanset" &&
      first.spanset.type === "filter" &&
      first.spanset.condition === null &&
      second !== undefined &&
      second.type !== "spanset" &&
      second.type !== "coalesce";
    return stages.slice(isLeftOut ? 1 : 0).map((stage) => this.#stage(stage));
  }

  metrics({ function: name, of, quantiles, by, compare }: MetricsStage): string {
    if (compare !== null) {
      const { selection, topN, startNs, endNs } = compare;
      const times = startNs === null ? [] : [startNs, endNs];
      return `${name}(${[this.#spanset(selection), topN, ...times].join(", ")})`;
    }
    const { field, literal } = this.#style;
    const numbers = quantiles.map((value) =>
      Number.isInteger(value) ? String(value) : literal({ type: "float", value }, false),
    );
    const labels = by.length === 0 ? "" : ` by (${by.map(field).join(", ")})`;
    return `${name}(${[...(of === null ? [] : [field(of)]), ...numbers].join(", ")})${labels}`;
  }

  expression(expression: Expression): string {
    const text = this.#bare(expression);
    const isWhole = this.#style.parentheses === "everywhere" && isOperation(expression);
    return isWhole ? `(${text})` : text;
  }

  #stage(stage: Stage): string {
    switch (stage.type) {
      case "spanset":
        return this.#spanset(stage.spanset);
      case "by":
        return `by(${this.expression(stage.expression)})`;
      case "select":
        return `select(${stage.fields.map(this.#style.field).join(", ")})`;
      case "coalesce":
        return "coalesce()";
      case "scalarFilter":
        return `${this.#scalar(stage.left)} ${stage.operator} ${this.#scalar(stage.right)}`;
      default:
        return stage satisfies never;
    }
  }

  #spanset(spanset: Spanset): string {
    const { padding, parentheses } = this.#style;
    switch (spanset.type) {
      case "filter":
        return spanset.condition === null
          ? `{${padding}}`
          : `{${padding}${this.expression(spanset.condition)}${padding}}`;
      case "combined": {
        const { operator, left, right } = spanset;
        const text = [
          this.#side(spanset, left),
          spansetOperatorText(operator),
          this.#side(spanset, right),
        ];
        return parentheses === "everywhere" ? `(${text.join(" ")})` : text.join(" ");
      }
      case "pipeline":
        return `(${this.stages(spanset.stages).join(" | ")})`;
      default:
        return spanset satisfies never;
    }
  }

  /** Beside a pipeline in parentheses, TraceQL wants parentheses around a spanset too. */
  #side(whole: Extract<Spanset, { type: "combined" }>, side: Spanset): string {
    const text = this.#spanset(side);
    const hasThem =
      side.type === "pipeline" ||
      (side.type === "combined" && this.#style.parentheses === "everywhere");
    const needsThem =
      holdsPipeline(whole) || (side.type === "combined" && this.#isParted(whole, side));
    return needsThem && !hasThem ? `(${text})` : text;
  }

  #isParted(
    whole: Extract<Spanset, { type: "combined" }>,
    side: Extract<Spanset, { type: "combined" }>,
  ): boolean {
    const [outer, inner] = [spansetBinding(whole.operator), spansetBinding(side.operator)];
    if (this.#style.parentheses === "needed") {
      return side === whole.left ? inner < outer : inner <= outer;
    }
    const isChain = side === whole.left && whole.operator.type === side.operator.type;
    return !isChain || whole.operator.type === "structural";
  }

  #bare(expression: Expression): string {
    switch (expression.type) {
      case "literal":
        return this.#style.literal(expression.literal, false);
      case "field":
        return this.#style.field(expression.field);
      case "unary": {
        const { operator, operand } = expression;
        return `${operator}${this.#operand(operand, operator === "!" ? binding.not : binding.product)}`;
      }
      case "binary":
        return this.#binary(expression);
      default:
        return expression satisfies never;
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { type: "binary" }>): string {
    const own = bindingOfOperator(operator);
    const isFromRight = operator === "^";
    const isMatch = operator === "=~" || operator === "!~";
    const pattern = isMatch && right.type === "literal" ? right.literal : undefined;
    return [
      this.#operand(left, isFromRight ? own + tighter : own, operator),
      operator,
      pattern === undefined
        ? this.#operand(right, isFromRight ? own : own + tighter)
        : this.#style.literal(pattern, true),
    ].join(" ");
  }

  /**
   * @param level How tightly it must bind to stand without parentheses.
   * @param chained The operator at whose left it stands, if it does.
   */
  #operand(operand: Expression, level: number, chained?: BinaryOperator): string {
    const text = this.#bare(operand);
    const isNeeded = getBindingPower(operand) < level;
    switch (this.#style.parentheses) {
      case "needed":
        return isNeeded ? `(${text})` : text;
      case "clear": {
        const isMixed =
          operand.type === "binary" &&
          operand.operator !== chained &&
          isAlike(getBindingPower(operand), level);
        return isNeeded || isMixed ? `(${text})` : text;
      }
      case "operands":
        return operand.type === "binary" ? `(${text})` : text;
      case "everywhere":
        return isOperation(operand) ? `(${text})` : text;
      default:
        return this.#style.parentheses satisfies never;
    }
  }

  #scalar(scalar: Scalar): string {
    switch (scalar.type) {
      case "literal":
        return printLiteral(scalar.literal);
      case "aggregate":
        return `${scalar.function}(${scalar.of === null ? "" : this.expression(scalar.of)})`;
      default:
        return scalar satisfies never;
    }
  }
}

function isOperation({ type }: Expression): boolean {
  return type === "binary" || type === "unary";
}

/** Whether both join conditions, both compare, or both calculate. */
function isAlike(one: number, other: number): boolean {
  return kindOfBinding(one) === kindOfBinding(other);
}

function kindOfBinding(level: number): number {
  return Math.min(Math.floor(level), binding.sum);
}

function spansetBinding({ type }: SpansetOperator): number {
  return type === "structural" ? 1 : 0;
}
