import type { Literal } from "./language/index.ts";

/**
 * Variables of a Grafana dashboard, in the place of values. They print what Grafana replaces before
 * the query is sent; outside a dashboard such a query finds nothing.
 */

/** A text: `"$name"`. Of a variable with one value. */
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
