/** A schema that is no boolean. */
export type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema's types. */
export const types = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
export type TypeName = (typeof types)[number];

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

export function isTypeName(value: unknown): value is TypeName {
  return types.some((type) => type === value);
}

export function isOfType(value: unknown, type: TypeName): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  return typeof value === type;
}

/** Without a type, keywords that are only about one say which is meant. */
export function typeImpliedBy(schema: Schema): TypeName | "any" {
  const has = (...keywords: readonly string[]): boolean =>
    keywords.some((keyword) => Object.hasOwn(schema, keyword));
  if (has("properties", "required", "additionalProperties")) return "object";
  if (has("items", "minItems", "maxItems")) return "array";
  if (has("minLength", "maxLength")) return "string";
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) return "number";
  return "any";
}
