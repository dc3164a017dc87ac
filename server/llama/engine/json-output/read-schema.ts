import { type Automaton, AutomatonTooLarge } from "./automaton.ts";
import { canOverlap } from "./exclusive-forms.ts";
import type { JsonForm, JsonForms, JsonMember } from "./json-form.ts";
import { type Bound, BoundTooLong, rangeAutomaton } from "./number-range.ts";
import { formatNames, formatPattern } from "./text-format.ts";
import { PatternRefused, patternAutomaton } from "./text-pattern.ts";

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
  readonly #automata = new Map<string, JsonForm>();
  #automatonStates = 0;
  /** Branches of which a value may fit one only; judged when all definitions are read. */
  readonly #exclusive: (readonly JsonForm[])[] = [];

  constructor(schema: unknown, { isLenient = false } = {}) {
    this.#whole = schema;
    this.#isLenient = isLenient;
  }

  read(): JsonForms {
    const root = this.#form(this.#whole, 0);
    if (this.#exclusive.some((branches) => canOverlap(branches, this.#definitions))) {
      this.#fault(
        "The branches of oneOf can overlap. Give them different types, or each a required property with a const of its own, or use anyOf.",
      );
    }
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
    for (const keyword of ["anyOf", "oneOf", "allOf"] as const) {
      if (Object.hasOwn(schema, keyword)) {
        return this.#branches(keyword, schema, depth);
      }
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

  #branches(keyword: "anyOf" | "oneOf" | "allOf", schema: Schema, depth: number): JsonForm {
    this.#checkAlone(schema, keyword);
    const listed = schema[keyword];
    if (!Array.isArray(listed) || listed.length === 0) {
      return this.#fault(`${keyword} must be a list of at least one subschema.`);
    }
    if (keyword === "allOf" && listed.length > 1) {
      return this.#fault("allOf is only supported with one subschema.");
    }
    const branches = listed.map((branch) => this.#form(branch, depth + 1));
    if (keyword === "oneOf") {
      this.#exclusive.push(branches);
    }
    return union(branches);
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
      this.#stop(`It has more than ${enumValues} values in enum.`);
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
      case "string":
        return this.#string(schema);
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

  #string(schema: Schema): JsonForm {
    const [min, max] = this.#bounds(schema, "minLength", "maxLength");
    const { format, pattern } = schema;
    const plain: JsonForm = { kind: "string", minLength: min, maxLength: max };
    if (format === undefined && pattern === undefined) {
      return plain;
    }
    if (format !== undefined && pattern !== undefined) {
      return this.#fault("The keyword pattern is not supported beside format.", plain);
    }
    const asked = pattern ?? formatPattern(format);
    if (typeof asked !== "string") {
      const names = formatNames.join(", ");
      return this.#fault(
        pattern === undefined
          ? `format is only supported for ${names}.`
          : "pattern must be a string.",
        plain,
      );
    }
    const make = () => patternAutomaton(asked, { min, max });
    return this.#automatonForm({ kind: "text", asked: [asked, min, max], plain, make });
  }

  #number(type: "number" | "integer", schema: Schema): JsonForm {
    const isInteger = type === "integer";
    const set = numberBounds.filter((keyword) => Object.hasOwn(schema, keyword));
    const wrong = set.find((keyword) => typeof schema[keyword] !== "number");
    const plain: JsonForm = { kind: "number", isInteger };
    if (wrong !== undefined) {
      return this.#fault(`${wrong} must be a number.`, plain);
    }
    if (set.length === 0) {
      return plain;
    }
    const bound = (keyword: string, isExclusive: boolean): Bound | undefined =>
      Object.hasOwn(schema, keyword) ? { value: Number(schema[keyword]), isExclusive } : undefined;
    const mirror = (one: Bound | undefined) => one && { ...one, value: -one.value };
    const from = tighter(bound("minimum", false), bound("exclusiveMinimum", true));
    const to = mirror(
      tighter(mirror(bound("maximum", false)), mirror(bound("exclusiveMaximum", true))),
    );
    const asked = [isInteger, ...numberBounds.map((keyword) => schema[keyword])];
    const make = () => rangeAutomaton({ isInteger, from, to });
    return this.#automatonForm({ kind: "range", asked, plain, make });
  }

  /** The same texts are told apart once, however often they are asked for. */
  #automatonForm(wanted: WantedAutomaton): JsonForm {
    const key = JSON.stringify([wanted.kind, ...wanted.asked]);
    const known = this.#automata.get(key);
    if (known !== undefined) {
      return known;
    }
    const form = this.#makeAutomaton(wanted);
    this.#automata.set(key, form);
    return form;
  }

  #makeAutomaton({ kind, plain, make }: WantedAutomaton): JsonForm {
    try {
      const automaton = make();
      if (automaton === undefined) {
        return this.#fault(
          kind === "text"
            ? "No string fits a pattern and its lengths."
            : "No number is within its minimum and maximum.",
          plain,
        );
      }
      if (this.#automatonStates + automaton.states.length > schemaLimits.automatonStates) {
        throw new AutomatonTooLarge();
      }
      this.#automatonStates += automaton.states.length;
      return { kind, automaton };
    } catch (error) {
      if (error instanceof AutomatonTooLarge && !this.#isLenient) {
        this.#stop("Its patterns and bounds are too large or too ambiguous.");
      }
      if (error instanceof BoundTooLong) {
        return this.#fault("minimum and maximum have at most 15 digits.", plain);
      }
      if (error instanceof PatternRefused) {
        return this.#fault(error.message, plain);
      }
      if (error instanceof AutomatonTooLarge) {
        return plain;
      }
      throw error;
    }
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
  #fault(sentence: string, instead: JsonForm = anyValue): JsonForm {
    if (!this.#isLenient) {
      this.#faults.add(sentence);
    }
    return instead;
  }

  /** A limit is reached: to read on would take as long as it likes. */
  #stop(sentence: string): never {
    throw new SchemaRefused([...this.#faults, sentence]);
  }
}

interface WantedAutomaton {
  readonly kind: "text" | "range";
  /** What it is known by. */
  readonly asked: readonly unknown[];
  /** What stands in its place where a schema is read leniently and it cannot be had. */
  readonly plain: JsonForm;
  readonly make: () => Automaton | undefined;
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
  /** Of all patterns, formats and bounds of numbers. */
  automatonStates: 3_000,
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
  if (has("minLength", "maxLength", "pattern", "format")) {
    return "string";
  }
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
    return "number";
  }
  return "any";
}

const numberBounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] as const;

/** Of two lower bounds the one that counts; of upper ones, with their values mirrored. */
function tighter(one: Bound | undefined, other: Bound | undefined): Bound | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  return other.value >= one.value ? other : one;
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
  // OpenAPI's, beside oneOf: which property tells the branches apart.
  "discriminator",
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
  "oneOf",
  "allOf",
  "$ref",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
  "format",
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
