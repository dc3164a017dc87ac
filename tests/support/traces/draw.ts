/** For tests: random choices in code, and properties with a fixed seed. */
import type { TestContext } from "node:test";
import fc from "fast-check";

/** Draws a value of an arbitrary: `draw(fc.integer, { min: 0 })`. */
export type Draw = fc.GeneratorValue;

/** One of the items. */
export function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  if (items.length === 0) {
    throw new RangeError("There is nothing to pick from.");
  }
  return items[draw(fc.nat, { max: items.length - 1 })] as Item;
}

/** Each of the items or not, in their order. */
export function some<Item>(draw: Draw, items: readonly Item[]): Item[] {
  return items.filter(() => draw(fc.boolean));
}

/** The items in any order. */
export function shuffled<Item>(draw: Draw, items: readonly Item[]): Item[] {
  const left = [...items];
  return items.map(() => left.splice(draw(fc.nat, { max: left.length - 1 }), 1)[0] as Item);
}

const seed = 34;

/** Checks a property many times, always with the same seed, which the test prints. */
export function holds(test: TestContext, runs: number, predicate: (draw: Draw) => void): void {
  test.diagnostic(`seed ${seed}, ${runs} runs`);
  fc.assert(fc.property(fc.gen(), predicate), { seed, numRuns: runs });
}
