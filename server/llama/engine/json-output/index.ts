import { checkOpenAlternatives } from "./open-alternatives.ts";
import { readSchema } from "./read-schema.ts";
import { writeGrammar } from "./write-grammar.ts";

export { SchemaRefused } from "./schema-refused.ts";

/**
 * A grammar in llama.cpp's notation for the JSON that is valid by a schema.
 *
 * @throws SchemaRefused for a schema that is faulty, too large, or says what a grammar cannot
 */
export function grammarForSchema(schema: unknown): string {
  const forms = readSchema(schema);
  checkOpenAlternatives(forms);
  return writeGrammar(forms);
}
