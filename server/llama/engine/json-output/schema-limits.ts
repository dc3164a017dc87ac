/**
 * Bounds, so that neither reading a schema nor generating by it can hold up the server. They are
 * those of OpenAI's own structured output or near them.
 */
export const schemaLimits = {
  nesting: 32,
  subschemas: 500,
  /** Characters of all names and of all values in enum and const, as JSON. */
  literalCharacters: 20_000,
  enumValues: 1_000,
  /** The highest minLength, maxLength, minItems and maxItems. */
  repetitions: 1_000,
} as const;
