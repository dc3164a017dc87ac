import { single, type TypedSql } from "./typed-sql.ts";

/** What is compared with what: one of the types that each side may have. */
export type Pair = readonly [one: TypedSql, other: TypedSql];
/** Of two values that are no lists, as SQL that is true or false and never NULL. */
type Test = (one: TypedSql, other: TypedSql) => string;

/**
 * Whether what a span has of these pairs passes the test. Of an array, for the negated operators, `!=`
 * and `!~`, each element that can be compared must pass, and there must be one; for the others, one.
 */
export function pairsSql(pairs: readonly Pair[], test: Test, isNegated: boolean): string {
  const lists = isNegated ? pairs.filter((pair) => pair.some(({ isList }) => isList)) : [];
  const tests = pairs.filter((pair) => !lists.includes(pair)).map((pair) => someSql(pair, test));
  if (lists.length > 0) {
    const some = (asked: Test) => lists.map((pair) => someSql(pair, asked)).join(" OR ");
    const fails: Test = (one, other) => `${areThere(one, other)} AND NOT ${test(one, other)}`;
    tests.push(`((${some(areThere)}) AND NOT (${some(fails)}))`);
  }
  return tests.length === 0 ? "false" : `(${tests.join(" OR ")})`;
}

function areThere(one: TypedSql, other: TypedSql): string {
  return `${one.sql} IS NOT NULL AND ${other.sql} IS NOT NULL`;
}

/** Whether some element of one side with some of the other does, or the two where they are no lists. */
function someSql([one, other]: Pair, test: Test): string {
  if (!one.isList) {
    return other.isList
      ? someSql([other, one], (element, value) => test(value, element))
      : test(one, other);
  }
  // Two lists stand within each other, so their elements need names of their own.
  const element = other.isList ? "outer_element" : "element";
  const inner = someSql([single(one.type, element), other], test);
  return `coalesce(len(list_filter(${one.sql}, ${element} -> ${inner})) > 0, false)`;
}
