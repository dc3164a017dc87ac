import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Span } from "#contract";

/**
 * Deep equality that shows the first span that differs. To lay two long lists side by side, as
 * `assert.deepEqual` does, can take minutes.
 */
export function assertSameSpans(actual: readonly Span[], expected: readonly Span[]): void {
  const index = expected.findIndex((span, position) => !isDeepStrictEqual(actual[position], span));
  if (index !== -1) {
    assert.deepEqual(actual[index], expected[index], `span ${index} of ${expected.length} differs`);
  }
  assert.equal(actual.length, expected.length);
}
