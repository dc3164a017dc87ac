import { z } from "zod";

const anyObject = z.record(z.string(), z.unknown());

/** OpenAI's shape of what an answer is to look like. */
export const responseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
      description: z.string().nullish(),
      schema: z.union([anyObject, z.boolean()]),
      // Answers are always strictly by the schema.
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** What the parameter takes, for the message when it got something else. */
export const responseFormatTakes =
  '{"type": "text"}, {"type": "json_object"} or {"type": "json_schema", "json_schema": {name, schema, strict, description}}, with a name of 1 to 64 letters, digits, _ and -';

/** The JSON Schema that an answer must be valid by; undefined for any text. */
export function readJsonSchema(
  format: z.output<typeof responseFormat> | null | undefined,
): object | boolean | undefined {
  switch (format?.type) {
    case "json_object":
      return { type: "object" };
    case "json_schema":
      return format.json_schema.schema;
    default:
      return undefined;
  }
}
