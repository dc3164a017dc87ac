/** A contract contradicts itself. Thrown when its module loads, so nothing starts with it. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly code = "contract_definition_invalid";
  readonly issues: readonly string[];

  constructor(what: string, faults: readonly string[]) {
    super(`The ${what} of the contract cannot be used: ${faults.join("; ")}. Correct them there.`);
    this.issues = faults;
  }

  static throwIfAny(what: string, faults: readonly string[]): void {
    if (faults.length > 0) {
      throw new DefinitionError(what, faults);
    }
  }
}
