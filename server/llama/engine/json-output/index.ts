import { checkOpenAlternatives } from "./open-alternatives.ts";
import { readSchema } from "./read-schema.ts";
import { writeGrammar } from "./write-grammar.ts";

export { SchemaRefused } from "./read-schema.ts";

/**
 * A grammar in llama.cpp's notation for the JSON that is valid by a schema.
 *
 * Not the library's own `createGrammarForJsonSchema`, which gives another schema's JSON without a word:
 * in node-llama-cpp 3.22, `anyOf` becomes `null`, optional properties are mandatory, and `pattern` and
 * `minimum` are ignored. Here answers are valid by the schema, or it is refused with the keyword.
 *
 * @throws SchemaRefused for a schema that is faulty, too large, or says what a grammar cannot
 */
export function grammarForSchema(schema: unknown): string {
  const forms = readSchema(schema);
  checkOpenAlternatives(forms);
  return writeGrammar(forms);
}
