import type { ComparisonOperator } from "./language/index.ts";

/** What can be compared with a value, whatever becomes of the comparison. */
export abstract class Comparable<Value, Result> {
  protected abstract compare(operator: ComparisonOperator, value: Value): Result;

  eq(value: Value): Result {
    return this.compare("=", value);
  }

  /** Of an attribute: true only of spans that have it. */
  ne(value: Value): Result {
    return this.compare("!=", value);
  }

  gt(value: Value): Result {
    return this.compare(">", value);
  }

  gte(value: Value): Result {
    return this.compare(">=", value);
  }

  lt(value: Value): Result {
    return this.compare("<", value);
  }

  lte(value: Value): Result {
    return this.compare("<=", value);
  }
}
