import type { JsonForm, JsonForms, JsonMember } from "./json-form.ts";

const anyValue: JsonForm = { kind: "any" };

/**
 * Reads a JSON Schema into the forms that a grammar can be written from. Every value of these forms
 * is valid by the schema. Not every valid value is one of these forms: an object has only the
 * members that the schema lists, in its order.
 *
 * @throws SchemaRefused with every fault that was found
 */
export function readSchema(schema: unknown): JsonForms {
  const reader = new SchemaReader(schema);
  return reader.read();
}

/**
 * The same for a schema that says more than a grammar can: what it cannot say is left out, so that
 * values have the types and names of the schema, and may break its finer rules.
 *
 * @throws SchemaRefused for a schema over a limit
 */
export function readSchemaLeniently(schema: unknown): JsonForms {
  const reader = new SchemaReader(schema, { isLenient: true });
  return reader.read();
}

class SchemaReader {
  readonly #whole: unknown;
  readonly #isLenient: boolean;
  readonly #definitions = new Map<string, JsonForm>();
  readonly #faults = new Set<string>();
  #subschemas = 0;
  #literalCharacters = 0;
  #enumValues = 0;

  constructor(schema: unknown, { isLenient = false } = {}) {
    this.#whole = schema;
    this.#isLenient = isLenient;
  }

  read(): JsonForms {
    const root = this.#form(this.#whole, 0);
    if (this.#faults.size > 0) {
      throw new SchemaRefused([...this.#faults]);
    }
    return { root, definitions: this.#definitions };
  }

  #form(schema: unknown, depth: number): JsonForm {
    this.#subschemas += 1;
    if (depth > schemaLimits.nesting) {
      this.#stop(`It is nested deeper than ${schemaLimits.nesting}.`);
    }
    if (this.#subschemas > schemaLimits.subschemas) {
      this.#stop(`It has more than ${schemaLimits.subschemas} subschemas.`);
    }
    if (schema === true) {
      return anyValue;
    }
    if (schema === false) {
      return this.#fault("No value is valid where a subschema is false.");
    }
    if (!isSchema(schema)) {
      return this.#fault("A subschema is neither an object nor a boolean.");
    }
    this.#checkKeywords(schema);
    if (Object.hasOwn(schema, "$ref")) {
      return this.#reference(schema, depth);
    }
    if (Object.hasOwn(schema, "anyOf")) {
      return this.#anyOf(schema, depth);
    }
    const nearest = this.#isLenient ? nearestSchema(schema) : undefined;
    if (nearest !== undefined) {
      return this.#form(nearest, depth + 1);
    }
    if (Object.hasOwn(schema, "const")) {
      return this.#literals([schema.const], schema, "const");
    }
    if (Object.hasOwn(schema, "enum")) {
      if (Array.isArray(schema.enum)) {
        return this.#literals(schema.enum, schema, "enum");
      }
      return this.#fault("enum must be a list.");
    }
    return union(this.#listTypes(schema).map((type) => this.#typed(type, schema, depth)));
  }

  #checkKeywords(schema: Schema): void {
    for (const keyword of Object.keys(schema)) {
      if (expressible.has(keyword) || annotations.has(keyword)) {
        continue;
      }
      this.#fault(
        inexpressible.has(keyword)
          ? `The keyword ${keyword} is not supported.`
          : "It has a keyword that JSON Schema does not have.",
      );
    }
  }

  /** Keywords that say more beside one that has said everything would have to be intersected. */
  #checkAlone(schema: Schema, keyword: string, ...allowed: readonly string[]): void {
    for (const other of Object.keys(schema)) {
      const isFine = other === keyword || allowed.includes(other) || !expressible.has(other);
      if (!isFine) {
        this.#fault(`The keyword ${other} is not supported beside ${keyword}.`);
      }
    }
  }

  #reference(schema: Schema, depth: number): JsonForm {
    this.#checkAlone(schema, "$ref");
    const pointer = schema.$ref;
    if (typeof pointer !== "string") {
      return this.#fault("$ref must be a string.");
    }
    if (!this.#definitions.has(pointer)) {
      const target = this.#find(pointer);
      if (target === undefined) {
        return this.#fault(
          "A $ref points to nothing. It may be # or lead into $defs or definitions.",
        );
      }
      // Known before it is read, because it may hold itself.
      this.#definitions.set(pointer, anyValue);
      this.#definitions.set(pointer, this.#form(target, depth + 1));
    }
    return { kind: "reference", name: pointer };
  }

  #find(pointer: string): unknown {
    if (pointer === "#") {
      return this.#whole;
    }
    const [, group, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(pointer) ?? [];
    if (group === undefined || name === undefined || !isSchema(this.#whole)) {
      return undefined;
    }
    const definitions = this.#whole[group];
    const key = name.replaceAll("~1", "/").replaceAll("~0", "~");
    return isSchema(definitions) && Object.hasOwn(definitions, key) ? definitions[key] : undefined;
  }

  #anyOf(schema: Schema, depth: number): JsonForm {
    this.#checkAlone(schema, "anyOf");
    const { anyOf } = schema;
    if (!Array.isArray(anyOf) || anyOf.length === 0) {
      return this.#fault("anyOf must be a list of at least one subschema.");
    }
    return union(anyOf.map((branch) => this.#form(branch, depth + 1)));
  }

  #literals(values: readonly unknown[], schema: Schema, keyword: "enum" | "const"): JsonForm {
    this.#checkAlone(schema, keyword, "type");
    if (!values.every(isScalar)) {
      return this.#fault(`${keyword} is only supported for strings, numbers, booleans and null.`);
    }
    const allowed = Object.hasOwn(schema, "type") ? this.#listTypes(schema) : types;
    const fitting = values.filter((value) => allowed.some((type) => hasType(value, type)));
    if (fitting.length === 0) {
      return this.#fault(`${keyword} has no value of its type.`);
    }
    this.#countValues(fitting.length);
    const texts = [...new Set(fitting.map((value) => this.#literal(value)))];
    return { kind: "literals", texts };
  }

  #countValues(count: number): void {
    this.#enumValues += count;
    if (this.#enumValues > schemaLimits.enumValues) {
      const { enumValues } = schemaLimits;
      this.#stop(`It has more than ${enumValues} values in enum and between minimum and maximum.`);
    }
  }

  #literal(value: string | number | boolean | null): string {
    const text = JSON.stringify(value);
    this.#literalCharacters += text.length;
    if (this.#literalCharacters > schemaLimits.literalCharacters) {
      const { literalCharacters } = schemaLimits;
      this.#stop(
        `Its names and its values in enum are longer than ${literalCharacters} characters.`,
      );
    }
    return text;
  }

  #listTypes(schema: Schema): readonly TypeName[] {
    if (!Object.hasOwn(schema, "type")) {
      return [typeImpliedBy(schema)].filter((type) => type !== "any");
    }
    const listed = Array.isArray(schema.type) ? schema.type : [schema.type];
    if (listed.length > 0 && listed.every(isTypeName)) {
      return [...new Set(listed)];
    }
    this.#fault(`type must be one or several of ${types.join(", ")}.`);
    return [];
  }

  #typed(type: TypeName, schema: Schema, depth: number): JsonForm {
    switch (type) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, depth);
      case "string": {
        const [minLength, maxLength] = this.#bounds(schema, "minLength", "maxLength");
        return { kind: "string", minLength, maxLength };
      }
      case "number":
      case "integer":
        return this.#number(type, schema);
      case "boolean":
        return { kind: "literals", texts: ["true", "false"] };
      case "null":
        return { kind: "literals", texts: ["null"] };
      default:
        return type satisfies never;
    }
  }

  #number(type: "number" | "integer", schema: Schema): JsonForm {
    const result = numberForm(schema, type);
    if ("fault" in result) {
      this.#fault(result.fault);
      return { kind: "number", isInteger: type === "integer", from: "any" };
    }
    if (result.form.kind === "literals") {
      this.#countValues(result.form.texts.length);
    }
    return result.form;
  }

  #array(schema: Schema, depth: number): JsonForm {
    const [minItems, maxItems] = this.#bounds(schema, "minItems", "maxItems");
    const items = this.#form(schema.items === undefined ? true : schema.items, depth + 1);
    return { kind: "array", items, minItems, maxItems };
  }

  #object(schema: Schema, depth: number): JsonForm {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    if (!isSchema(properties)) {
      return this.#fault("properties must be an object.");
    }
    if (!Array.isArray(required) || !required.every((name) => typeof name === "string")) {
      return this.#fault("required must be a list of strings.");
    }
    const names = Object.keys(properties);
    if (required.some((name) => !Object.hasOwn(properties, name))) {
      this.#fault("required names a property that properties does not have.");
    }
    if (names.length === 0 && additionalProperties !== false) {
      const values = this.#form(additionalProperties, depth + 1);
      return { kind: "map", values };
    }
    if (typeof additionalProperties !== "boolean") {
      this.#fault("additionalProperties must be true or false beside properties.");
    }
    const requiredNames = new Set(required);
    const members = names.map((name): JsonMember => {
      this.#literal(name);
      const form = this.#form(properties[name], depth + 1);
      return { name, isRequired: requiredNames.has(name), form };
    });
    return { kind: "object", members };
  }

  #bounds(schema: Schema, min: string, max: string): [number, number | undefined] {
    const [least, most] = [min, max].map((keyword) => {
      const value = schema[keyword];
      if (value === undefined) {
        return undefined;
      }
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
        this.#fault(`${keyword} must be a whole number from 0.`);
        return undefined;
      }
      if (value <= schemaLimits.repetitions) {
        return value;
      }
      this.#fault(`${keyword} is more than ${schemaLimits.repetitions}.`);
      return undefined;
    });
    if (least !== undefined && most !== undefined && least > most) {
      this.#fault(`${min} is more than ${max}.`);
    }
    return [least ?? 0, most];
  }

  /** Notes a fault and goes on, so that all are reported. */
  #fault(sentence: string): JsonForm {
    if (!this.#isLenient) {
      this.#faults.add(sentence);
    }
    return anyValue;
  }

  /** A limit is reached: to read on would take as long as it likes. */
  #stop(sentence: string): never {
    throw new SchemaRefused([...this.#faults, sentence]);
  }
}

/** What says nearly as much in keywords that a grammar can say. */
function nearestSchema({ oneOf, allOf }: Schema): unknown {
  if (Array.isArray(oneOf) && oneOf.length > 0) {
    return { anyOf: oneOf };
  }
  return Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
}

function union(branches: readonly JsonForm[]): JsonForm {
  const [only] = branches;
  if (only === undefined) {
    return anyValue;
  }
  return branches.length === 1 ? only : { kind: "union", branches };
}

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

/** A schema that is no boolean. */
type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema's types. */
const types = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
type TypeName = (typeof types)[number];

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isTypeName(value: unknown): value is TypeName {
  return types.some((type) => type === value);
}

function hasType(value: unknown, type: TypeName): boolean {
  if (type === "integer") {
    return Number.isInteger(value);
  }
  if (type === "null") {
    return value === null;
  }
  return typeof value === type;
}

/** Without a type, keywords that are only about one say which is meant. */
function typeImpliedBy(schema: Schema): TypeName | "any" {
  const has = (...keywords: readonly string[]): boolean =>
    keywords.some((keyword) => Object.hasOwn(schema, keyword));
  if (has("properties", "required", "additionalProperties")) {
    return "object";
  }
  if (has("items", "minItems", "maxItems")) {
    return "array";
  }
  if (has("minLength", "maxLength")) {
    return "string";
  }
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
    return "number";
  }
  return "any";
}

/** Integers have at most 15 digits, which every reader of JSON takes without loss. */
const largestInteger = 999_999_999_999_999;

/** A range of so many integers is written out. */
const writtenIntegers = 1_000;

/** The form of the numbers in the bounds that a schema sets, or what is wrong with them. */
function numberForm(
  schema: Readonly<Record<string, unknown>>,
  type: "integer" | "number",
): { readonly form: JsonForm } | { readonly fault: string } {
  const isInteger = type === "integer";
  const set = bounds.filter((keyword) => Object.hasOwn(schema, keyword));
  const wrong = set.find((keyword) => typeof schema[keyword] !== "number");
  if (wrong !== undefined) {
    return { fault: `${wrong} must be a number.` };
  }
  const bound = (keyword: Bound): number => Number(schema[keyword] ?? Number.NaN);
  const least = highest(Math.ceil(bound("minimum")), Math.floor(bound("exclusiveMinimum")) + 1);
  const most = -highest(-Math.floor(bound("maximum")), -(Math.ceil(bound("exclusiveMaximum")) - 1));
  const [only] = set;
  if (!isInteger) {
    if (only === undefined) {
      return { form: { kind: "number", isInteger, from: "any" } };
    }
    if (set.length === 1 && schema.minimum === 0) {
      return { form: { kind: "number", isInteger, from: 0 } };
    }
    return { fault: `The keyword ${only} is only supported for integers, and minimum 0.` };
  }
  return integerForm(least, most);
}

const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] as const;
type Bound = (typeof bounds)[number];

/** Of two lower bounds, of which NaN is none. */
function highest(...values: readonly number[]): number {
  return Math.max(...values.filter((value) => !Number.isNaN(value)));
}

function integerForm(
  least: number,
  most: number,
): { readonly form: JsonForm } | { readonly fault: string } {
  if (least > most) {
    return { fault: "No integer is within its minimum and maximum." };
  }
  const count = most - least + 1;
  if (count <= writtenIntegers && Number.isSafeInteger(least) && Number.isSafeInteger(most)) {
    const texts = Array.from({ length: count }, (_, index) => String(least + index));
    return { form: { kind: "literals", texts } };
  }
  const from = least <= -largestInteger ? "any" : least;
  if (most >= largestInteger && (from === "any" || from === 0 || from === 1)) {
    return { form: { kind: "number", isInteger: true, from } };
  }
  return {
    fault: `minimum and maximum are supported for ranges of up to ${writtenIntegers} integers, and for all from 0 or 1.`,
  };
}

/** Keywords that say nothing about which values are valid. */
const annotations: ReadonlySet<string> = new Set([
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

/** Keywords that become part of the grammar. */
const expressible: ReadonlySet<string> = new Set([
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

/**
 * Keywords, from draft 4 to 2020-12, that a grammar of a bearable size cannot express. A name that is
 * in none of the three lists is the client's own and is never repeated.
 */
const inexpressible: ReadonlySet<string> = new Set([
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

/** Why a schema cannot become a grammar. The sentences never repeat anything of the schema itself. */
export class SchemaRefused extends Error {
  override readonly name = "SchemaRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join(" "));
    this.faults = faults;
  }
}
