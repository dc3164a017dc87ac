import assert from "node:assert/strict";
import { DefinitionError } from "#contract";

/** For tests: what a definition is refused for. */

/** Every fault of the one error that a definition ends with, which must tell all of them. */
export function collectFaults(define: () => unknown): readonly string[] {
  try {
    define();
  } catch (error) {
    assert.ok(error instanceof DefinitionError, String(error));
    assert.equal(error.code, "contract_definition_invalid");
    assert.deepEqual(
      error.issues.filter((fault) => !error.message.includes(fault)),
      [],
    );
    return error.issues;
  }
  return [];
}
