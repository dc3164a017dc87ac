type Joint = "&&" | "||";

/** What is true of a span or not: what stands between the braces. */
export class Condition {
  readonly text: string;
  /** What joins its parts, where it has several. */
  readonly #joint: Joint | null;

  constructor(text: string, joint: Joint | null = null) {
    this.text = text;
    this.#joint = joint;
  }

  and(...others: readonly Condition[]): Condition {
    return Condition.join("&&", [this, ...others]);
  }

  or(...others: readonly Condition[]): Condition {
    return Condition.join("||", [this, ...others]);
  }

  /** `&&` and `||` bind alike in TraceQL, so a part that is joined otherwise stands in parentheses. */
  static join(joint: Joint, parts: readonly Condition[]): Condition {
    const [first, ...others] = parts;
    if (first === undefined) {
      throw new RangeError(`There is no condition to join with ${joint}.`);
    }
    if (others.length === 0) {
      return first;
    }
    const texts = parts.map((part) =>
      part.#joint === null || part.#joint === joint ? part.text : `(${part.text})`,
    );
    return new Condition(texts.join(` ${joint} `), joint);
  }
}

/** True when all of them are. @throws RangeError for none at all. */
export function allOf(conditions: readonly Condition[]): Condition {
  return Condition.join("&&", conditions);
}

/** True when one of them is. @throws RangeError for none at all. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return Condition.join("||", conditions);
}
