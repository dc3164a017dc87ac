/** The input has no tokens, so there is nothing to go on from. */
export class EmptyInput extends Error {
  override readonly name = "EmptyInput";

  constructor() {
    super("The input has no tokens.");
  }
}
