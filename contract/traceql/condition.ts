import { binary, type Expression, type Literal, printExpression } from "./language/index.ts";

type Joint = "&&" | "||";

/** What is true of a span or not: what stands between the braces. */
export class Condition {
  readonly expression: Expression;

  constructor(expression: Expression) {
    this.expression = expression;
  }

  get text(): string {
    return printExpression(this.expression);
  }

  and(...others: readonly Condition[]): Condition {
    return Condition.join("&&", [this, ...others]);
  }

  or(...others: readonly Condition[]): Condition {
    return Condition.join("||", [this, ...others]);
  }

  static join(joint: Joint, conditions: readonly Condition[]): Condition {
    const [first, ...others] = conditions.flatMap(({ expression }) => joined(expression, joint));
    if (first === undefined) {
      throw new RangeError(`There is no condition to join with ${joint}.`);
    }
    return new Condition(others.reduce((left, right) => binary(joint, left, right), first));
  }
}

/** The parts of what is joined in the same way, so that all of them stand in one chain. */
function joined(expression: Expression, joint: Joint): Expression[] {
  return expression.type === "binary" && expression.operator === joint
    ? [...joined(expression.left, joint), ...joined(expression.right, joint)]
    : [expression];
}

/** True when all of them are. @throws RangeError for none at all. */
export function allOf(conditions: readonly Condition[]): Condition {
  return Condition.join("&&", conditions);
}

/** True when one of them is. @throws RangeError for none at all. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return Condition.join("||", conditions);
}

/**
 * A variable of a Grafana dashboard with one value, in the place of a text: `"$name"`. Grafana replaces
 * it before the query is sent; outside a dashboard such a query finds nothing.
 */
export class TextVariable {
  readonly kind = "text-variable";
  readonly literal: Literal;

  constructor(name: string) {
    this.literal = { type: "string", value: `$${checkedName(name)}` };
  }
}

/**
 * A pattern: `${name:regex}` between backticks, because Grafana escapes values with backslashes, which
 * TraceQL refuses between quotes. Of a variable with several values, or with "all" as `.*`.
 */
export class PatternVariable {
  readonly kind = "pattern-variable";
  readonly literal: Literal;

  constructor(name: string) {
    this.literal = { type: "string", value: `\${${checkedName(name)}:regex}` };
  }
}

/** A number: `$name`. For an attribute that holds integers, its values must be whole. */
export class NumberVariable {
  readonly kind = "number-variable";
  readonly literal: Literal;

  constructor(name: string) {
    this.literal = { type: "placeholder", text: `$${checkedName(name)}` };
  }
}

export const variable = {
  text: (name: string): TextVariable => new TextVariable(name),
  pattern: (name: string): PatternVariable => new PatternVariable(name),
  number: (name: string): NumberVariable => new NumberVariable(name),
} as const;

function checkedName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new RangeError(`${JSON.stringify(name)} is no name of a Grafana variable.`);
  }
  return name;
}
