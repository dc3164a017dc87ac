import type { JsonForms } from "./json-form.ts";
import { checkOpenAlternatives } from "./open-alternatives.ts";
import { readSchema, readSchemaLeniently, SchemaRefused } from "./read-schema.ts";
import { writeGrammar } from "./write-grammar.ts";

export { GrammarWriter, literal } from "./write-grammar.ts";
export { SchemaRefused };

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

/**
 * The forms of a tool's arguments, which are always an object: by all of the schema where it is strict,
 * otherwise by what of it a grammar can say.
 *
 * @throws SchemaRefused for a schema over a limit, or where it is strict as `grammarForSchema`
 */
export function formsOfArguments(schema: unknown, { isStrict }: { isStrict: boolean }): JsonForms {
  const forms = isStrict ? readSchema(schema) : readSchemaLeniently(schema);
  if (isStrict) {
    checkOpenAlternatives(forms);
  }
  if (isObject(forms) && (isStrict || hasFewAlternatives(forms))) {
    return forms;
  }
  if (isStrict) {
    throw new SchemaRefused(["The arguments of a tool must be an object."]);
  }
  return { root: { kind: "map", values: { kind: "any" } }, definitions: new Map() };
}

function isObject({ root }: JsonForms): boolean {
  return root.kind === "object" || root.kind === "map";
}

function hasFewAlternatives(forms: JsonForms): boolean {
  try {
    checkOpenAlternatives(forms);
    return true;
  } catch {
    return false;
  }
}
