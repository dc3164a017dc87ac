import type { JsonForm, JsonForms } from "./json-form.ts";
import { SchemaRefused } from "./read-schema.ts";
import { literalTrie, widestBranching } from "./write-grammar.ts";

/**
 * How many ways to go on may be open at one character. llama.cpp follows each of them against the
 * whole vocabulary, which for 100 of them and 50,000 tokens was seen to take 50 ms a step; and where
 * alternatives that begin alike hold each other, their number doubles with every level of nesting,
 * until the server stands still.
 */
export const openAlternativesLimit = 100;

/**
 * @throws SchemaRefused when a schema's alternatives cannot be told apart soon enough, or when one
 *   consists of nothing but itself
 */
export function checkOpenAlternatives(forms: JsonForms): void {
  const count = new OpenAlternatives(forms).mostAtOnce();
  if (count <= openAlternativesLimit) {
    return;
  }
  throw new SchemaRefused([
    `More than ${openAlternativesLimit} alternatives of it can be open at the same character. Give the branches of anyOf different types, or have fewer of them and fewer optional properties.`,
  ]);
}

/** Counts, for each form, the most ways to go on that are open at any character inside it. */
class OpenAlternatives {
  readonly #forms: JsonForms;
  readonly #firstCharacters: FirstCharacters;
  readonly #ofDefinitions = new Map<string, number>();
  /** They are the same every time, and a trie of many values takes a while. */
  readonly #ofLiterals = new Map<JsonForm, number>();

  constructor(forms: JsonForms) {
    this.#forms = forms;
    this.#firstCharacters = new FirstCharacters(forms);
  }

  /** At least one more than the limit when the count has no end. */
  mostAtOnce(): number {
    const { root, definitions } = this.#forms;
    for (const form of [root, ...definitions.values()]) {
      this.#firstCharacters.of(form);
    }
    let isSettled = false;
    // A form that holds itself has the count that it has with its own count inside: go on until it
    // stays the same, or has grown past the limit.
    while (!isSettled) {
      isSettled = true;
      for (const [name, form] of definitions) {
        const count = this.#count(form);
        if (count > openAlternativesLimit) {
          return count;
        }
        if (count !== this.#ofDefinitions.get(name)) {
          isSettled = false;
        }
        this.#ofDefinitions.set(name, count);
      }
    }
    return this.#count(root);
  }

  #count(form: JsonForm): number {
    switch (form.kind) {
      case "literals":
        return this.#countLiterals(form);
      case "array":
        return this.#count(form.items);
      case "map":
        return this.#count(form.values);
      case "object": {
        const optional = form.members.filter(({ isRequired }) => !isRequired).length;
        return Math.max(optional + 1, ...form.members.map((member) => this.#count(member.form)));
      }
      case "union":
        return this.#countUnion(form.branches);
      case "text":
      case "range":
        return Math.max(...form.automaton.states.map(({ next }) => next.length + 1));
      case "reference":
        return this.#ofDefinitions.get(form.name) ?? 1;
      case "any":
      case "string":
      case "number":
        return 1;
      default:
        return form satisfies never;
    }
  }

  /** Branches that begin with different characters are told apart at once; others stay open. */
  #countUnion(branches: readonly JsonForm[]): number {
    const openAfter = new Map<string, number>();
    for (const branch of branches) {
      const open = this.#count(branch);
      for (const character of this.#firstCharacters.of(branch)) {
        openAfter.set(character, (openAfter.get(character) ?? 0) + open);
      }
    }
    return Math.max(branches.length, ...openAfter.values());
  }

  #countLiterals(form: JsonForm & { kind: "literals" }): number {
    const known = this.#ofLiterals.get(form) ?? widestBranching(literalTrie(form.texts));
    this.#ofLiterals.set(form, known);
    return known;
  }
}

/** What a form can begin with, digits all taken for one. */
class FirstCharacters {
  readonly #definitions: JsonForms["definitions"];
  readonly #known = new Map<JsonForm, ReadonlySet<string>>();
  readonly #open = new Set<string>();

  constructor({ definitions }: JsonForms) {
    this.#definitions = definitions;
  }

  of(form: JsonForm): ReadonlySet<string> {
    const characters = this.#known.get(form) ?? this.#find(form);
    this.#known.set(form, characters);
    return characters;
  }

  #find(form: JsonForm): ReadonlySet<string> {
    switch (form.kind) {
      case "any":
        return new Set(["{", "[", '"', "0", "t", "f", "n"]);
      case "literals":
        return new Set(form.texts.map((text) => (/^[-0-9]/.test(text) ? "0" : text.slice(0, 1))));
      case "string":
      case "text":
        return new Set(['"']);
      case "number":
      case "range":
        return new Set("0");
      case "array":
        return new Set("[");
      case "object":
      case "map":
        return new Set("{");
      case "union":
        return new Set(form.branches.flatMap((branch) => [...this.of(branch)]));
      case "reference":
        return this.#ofDefinition(form.name);
      default:
        return form satisfies never;
    }
  }

  #ofDefinition(name: string): ReadonlySet<string> {
    const form = this.#definitions.get(name);
    if (form === undefined || this.#open.has(name)) {
      throw new SchemaRefused(["A $ref leads back to itself without a value between."]);
    }
    this.#open.add(name);
    const characters = this.of(form);
    this.#open.delete(name);
    return characters;
  }
}
