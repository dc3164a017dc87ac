import type { JsonForm, JsonForms } from "./json-form.ts";

type Definitions = JsonForms["definitions"];
type ObjectForm = JsonForm & { readonly kind: "object" };

/**
 * Whether a value of one form could be valid by the schema of another. Not every such value is found
 * to be impossible: two patterns may be told apart by people only.
 */
export function canOverlap(forms: readonly JsonForm[], definitions: Definitions): boolean {
  const exclusion = new Exclusion(definitions);
  return forms.some((one, index) =>
    forms.some((other, place) => place !== index && !exclusion.excludes(one, other)),
  );
}

class Exclusion {
  readonly #definitions: Definitions;
  /** Forms that hold themselves are compared once. */
  readonly #compared = new Set<string>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** No value of the one is valid by the schema of the other. */
  excludes(one: JsonForm, other: JsonForm): boolean {
    if (one.kind === "reference" || other.kind === "reference") {
      return this.#excludesReferenced(one, other);
    }
    if (one.kind === "union") {
      return one.branches.every((branch) => this.excludes(branch, other));
    }
    if (other.kind === "union") {
      return other.branches.every((branch) => this.excludes(one, branch));
    }
    if (one.kind === "literals" && other.kind === "literals") {
      return one.texts.every((text) => !other.texts.includes(text));
    }
    if (one.kind === "object" && other.kind === "object") {
      return this.#excludesObject(one, other);
    }
    const types = listTypes(other);
    return listTypes(one).every((type) => !types.includes(type));
  }

  #excludesReferenced(one: JsonForm, other: JsonForm): boolean {
    const [left, right] = [this.#resolve(one), this.#resolve(other)];
    const key = JSON.stringify([one, other]);
    if (left === undefined || right === undefined || this.#compared.has(key)) {
      return false;
    }
    this.#compared.add(key);
    const isExcluded = this.excludes(left, right);
    this.#compared.delete(key);
    return isExcluded;
  }

  #resolve(form: JsonForm): JsonForm | undefined {
    return form.kind === "reference" ? this.#definitions.get(form.name) : form;
  }

  /** A form's objects have its members only, while a schema may be valid of more. */
  #excludesObject(one: ObjectForm, other: ObjectForm): boolean {
    const members = new Map(one.members.map((member) => [member.name, member]));
    return other.members.some(({ name, isRequired, form }) => {
      const mine = members.get(name);
      if (mine === undefined) {
        return isRequired;
      }
      return mine.isRequired && this.excludes(mine.form, form);
    });
  }
}

const allTypes = ["object", "array", "string", "number", "boolean", "null"];

function listTypes(form: JsonForm): readonly string[] {
  switch (form.kind) {
    case "literals":
      return form.texts.map(typeOfLiteral);
    case "string":
    case "text":
      return ["string"];
    case "number":
    case "range":
      return ["number"];
    case "array":
      return ["array"];
    case "object":
    case "map":
      return ["object"];
    default:
      return allTypes;
  }
}

function typeOfLiteral(text: string): string {
  const value: unknown = JSON.parse(text);
  return value === null ? "null" : typeof value;
}
