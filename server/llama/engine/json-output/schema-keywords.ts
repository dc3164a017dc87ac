/**
 * The keywords of JSON Schema, from draft 4 to 2020-12, by what is done with them. A name that is in
 * no list is the client's own and is never repeated.
 */

/** They say nothing about which values are valid. */
export const annotations: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  // Read where a $ref points to them.
  "$defs",
  "definitions",
]);

/** They become part of the grammar. */
export const expressible: ReadonlySet<string> = new Set([
  "type",
  "enum",
  "const",
  "anyOf",
  "$ref",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
]);

/** They are known, and a grammar of a bearable size cannot say what they say. */
export const inexpressible: ReadonlySet<string> = new Set([
  "$anchor",
  "$dynamicAnchor",
  "$dynamicRef",
  "$recursiveAnchor",
  "$recursiveRef",
  "$vocabulary",
  "id",
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "dependentRequired",
  "dependencies",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "minProperties",
  "maxProperties",
  "multipleOf",
  "pattern",
  "format",
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
]);
