import { binary, type Expression, printExpression } from "./language/index.ts";

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
