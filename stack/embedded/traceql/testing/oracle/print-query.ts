import type {
  Expression,
  Field,
  IntrinsicName,
  Literal,
  MetricsStage,
  Query,
  Scalar,
  SeriesStage,
  Spanset,
  SpansetOperator,
  Stage,
} from "../../syntax.ts";
import { type Escapes, escaped, printLiteral, quoted } from "./print-literal.ts";

/** Which of several spellings a query gets: all mean the same. */
export interface Spelling {
  /** Parentheses also where the binding of operators makes them needless. */
  readonly isExplicit: boolean;
  /** `name` and `duration`, backticks, no spaces within braces. */
  readonly isOlder: boolean;
  /** Without the `{ }` of all spans before `count() > 1`, `by(…)` and `select(…)`. */
  readonly isShort: boolean;
  readonly escapes: Escapes;
}

/** The text of a syntax tree, from which the same tree is read again. */
export function printQuery(query: Query, spelling: Spelling): string {
  const printer = new Printer(spelling);
  const stages = printer.stages(query.stages);
  const metrics = query.metrics === null ? [] : [printer.metrics(query.metrics)];
  const hints = query.hints.map(({ name, value }) => `${name}=${printLiteral(value)}`);
  return [
    [...stages, ...metrics].join(" | "),
    ...query.seriesStages.map(printSeriesStage),
    hints.length === 0 ? "" : ` with (${hints.join(", ")})`,
  ].join("");
}

const relationText = {
  child: ">",
  descendant: ">>",
  parent: "<",
  ancestor: "<<",
  sibling: "~",
} as const;

function operatorText(operator: SpansetOperator): string {
  switch (operator.type) {
    case "and":
      return "&&";
    case "or":
      return "||";
    default:
      return `${operator.isNegated ? "!" : ""}${operator.isUnion ? "&" : ""}${relationText[operator.relation]}`;
  }
}

const olderNames: Partial<Record<IntrinsicName, string>> = {
  "span:name": "name",
  "span:duration": "duration",
  "span:status": "status",
  "span:statusMessage": "statusMessage",
  "span:kind": "kind",
  "trace:duration": "traceDuration",
  "trace:rootName": "rootName",
  "trace:rootService": "rootServiceName",
};

/** How tightly an expression binds: more is tighter. */
function levelOf(expression: Expression): number {
  switch (expression.type) {
    case "binary":
      return levelOfOperator(expression.operator);
    case "unary":
      return expression.operator === "!" ? 4 : 2.5;
    case "literal":
      return isNegative(expression.literal) ? 2.5 : 5;
    case "field":
      return 5;
    default:
      return expression satisfies never;
  }
}

function levelOfOperator(operator: string): number {
  if (operator === "&&" || operator === "||") {
    return 0;
  }
  if (["+", "-"].includes(operator)) {
    return 2;
  }
  return ["*", "/", "%", "^"].includes(operator) ? 3 : 1;
}

function isNegative(literal: Literal): boolean {
  switch (literal.type) {
    case "int":
    case "float":
      return literal.value < 0;
    case "duration":
      return literal.nanoseconds < 0n;
    default:
      return false;
  }
}

class Printer {
  readonly #spelling: Spelling;

  constructor(spelling: Spelling) {
    this.#spelling = spelling;
  }

  stages(stages: readonly Stage[]): string[] {
    const [first, second] = stages;
    const isLeftOut =
      this.#spelling.isShort &&
      first?.type === "spanset" &&
      first.spanset.type === "filter" &&
      first.spanset.condition === null &&
      second !== undefined &&
      second.type !== "spanset" &&
      second.type !== "coalesce";
    return stages.slice(isLeftOut ? 1 : 0).map((stage) => this.#stage(stage));
  }

  #stage(stage: Stage): string {
    switch (stage.type) {
      case "spanset":
        return this.#spanset(stage.spanset);
      case "by":
        return `by(${this.#expression(stage.expression, 0)})`;
      case "select":
        return `select(${stage.fields.map((one) => this.#field(one)).join(", ")})`;
      case "coalesce":
        return "coalesce()";
      case "scalarFilter":
        return `${this.#scalar(stage.left)} ${stage.operator} ${this.#scalar(stage.right)}`;
      default:
        return stage satisfies never;
    }
  }

  metrics({ function: name, of, quantiles, by }: MetricsStage): string {
    const values = [...(of === null ? [] : [this.#field(of)]), ...quantiles.map(String)];
    const labels = by.length === 0 ? "" : ` by (${by.map((one) => this.#field(one)).join(", ")})`;
    return `${name}(${values.join(", ")})${labels}`;
  }

  #spanset(spanset: Spanset): string {
    switch (spanset.type) {
      case "filter": {
        const inner = spanset.condition === null ? "" : this.#expression(spanset.condition, 0);
        return this.#spelling.isOlder ? `{${inner}}` : `{ ${inner} }`;
      }
      case "combined": {
        const { operator, left, right } = spanset;
        const level = spansetLevel(spanset);
        const isMixed = holdsPipeline(left) || holdsPipeline(right);
        const inner = `${this.#side(left, level, isMixed)} ${operatorText(operator)} ${this.#side(right, level + 1, isMixed)}`;
        return this.#spelling.isExplicit ? `(${inner})` : inner;
      }
      case "pipeline":
        return `(${this.stages(spanset.stages).join(" | ")})`;
      default:
        return spanset satisfies never;
    }
  }

  /** Beside a pipeline a spanset has parentheses too. */
  #side(spanset: Spanset, level: number, isBesidePipeline: boolean): string {
    const text = this.#spanset(spanset);
    const isBare =
      spanset.type === "pipeline" || (spansetLevel(spanset) >= level && !isBesidePipeline);
    const isWrapped = spanset.type === "combined" && this.#spelling.isExplicit;
    return isBare || isWrapped ? text : `(${text})`;
  }

  #expression(expression: Expression, level: number): string {
    const own = levelOf(expression);
    const text = this.#bare(expression, own);
    const isPlain = expression.type === "literal" || expression.type === "field";
    return own < level || (this.#spelling.isExplicit && !isPlain) ? `(${text})` : text;
  }

  #bare(expression: Expression, own: number): string {
    switch (expression.type) {
      case "literal":
        return this.#literal(expression.literal);
      case "field":
        return this.#field(expression.field);
      case "unary":
        return expression.operator === "!"
          ? `!${this.#expression(expression.operand, 4)}`
          : `- ${this.#expression(expression.operand, 3)}`;
      case "binary": {
        const { left, operator, right } = expression;
        return `${this.#expression(left, own)} ${operator} ${this.#expression(right, own + 0.4)}`;
      }
      default:
        return expression satisfies never;
    }
  }

  #field(field: Field): string {
    if (field.type === "intrinsic") {
      return (this.#spelling.isOlder ? olderNames[field.name] : undefined) ?? field.name;
    }
    const isBare = /^[\w.ü]+$/.test(field.name);
    const name = isBare ? field.name : quoted(field.name);
    return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
  }

  #literal(literal: Literal): string {
    return literal.type === "string" && this.#spelling.isOlder && !literal.value.includes("`")
      ? `\`${literal.value}\``
      : this.#quotedOrPlain(literal);
  }

  #quotedOrPlain(literal: Literal): string {
    return literal.type === "string"
      ? escaped(quoted(literal.value), this.#spelling.escapes)
      : printLiteral(literal);
  }

  #scalar(scalar: Scalar): string {
    switch (scalar.type) {
      case "literal":
        return printLiteral(scalar.literal);
      case "aggregate":
        return `${scalar.function}(${scalar.of === null ? "" : this.#expression(scalar.of, 0)})`;
      default:
        return scalar satisfies never;
    }
  }
}

function holdsPipeline(spanset: Spanset): boolean {
  return (
    spanset.type === "pipeline" ||
    (spanset.type === "combined" && (holdsPipeline(spanset.left) || holdsPipeline(spanset.right)))
  );
}

function spansetLevel(spanset: Spanset): number {
  return spanset.type !== "combined" ? 2 : spanset.operator.type === "structural" ? 1 : 0;
}

function printSeriesStage(stage: SeriesStage): string {
  return stage.type === "threshold"
    ? ` ${stage.operator} ${printLiteral(stage.value)}`
    : ` | ${stage.type}(${stage.count})`;
}
