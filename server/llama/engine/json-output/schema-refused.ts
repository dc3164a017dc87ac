/** Why a schema cannot become a grammar. The sentences never repeat anything of the schema itself. */
export class SchemaRefused extends Error {
  override readonly name = "SchemaRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join(" "));
    this.faults = faults;
  }
}
