import type { Automaton } from "./automaton.ts";
import { type CharacterSet, charactersOf, has, without } from "./character-set.ts";
import type { JsonForm, JsonForms, JsonMember } from "./json-form.ts";

/**
 * What every grammar has. White space is bounded, so that a model cannot go on with it for ever. In
 * strings there are no escapes by number: every character can stand for itself, and half a
 * surrogate pair, which is no character, cannot be written. Numbers keep within what JSON readers
 * take without loss.
 */
const commonRules = [
  String.raw`space ::= ( " " | "\n" " "{0,20} )?`,
  String.raw`character ::= [ !#-\[\]-~\u00A0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF] | "\\" ["\\/bfnrt]`,
  String.raw`string ::= "\"" character* "\""`,
  `integer ::= "-"? ( "0" | [1-9] [0-9]{0,14} )`,
  `number ::= integer ( "." [0-9]{1,15} )? ( [eE] [-+]? [0-9]{1,2} )?`,
  `value ::= "{" space ( entry more-entries* space )? "}" | "[" space ( value more-values* space )? "]" | string | number | "true" | "false" | "null"`,
  `entry ::= string ":" space value`,
  `more-entries ::= "," space entry`,
  `more-values ::= "," space value`,
];

/**
 * A grammar in llama.cpp's notation, GBNF, whose texts are the JSON of these forms. It is always one
 * that llama.cpp can parse: its parser prints what it cannot, and a schema is its client's content.
 */
export function writeGrammar(forms: JsonForms): string {
  const writer = new GrammarWriter();
  return writer.write(writer.json(forms));
}

/** Writes rules; `write` puts them together when all are there. */
export class GrammarWriter {
  readonly #rules: string[] = [];
  #definitionRules: ReadonlyMap<string, string> = new Map();
  readonly #automata = new Map<Automaton, string>();
  #nextRule = 0;
  #repetitions = 0;

  /** What llama.cpp has to write out of bounded repetitions, and how many characters there are so far. */
  get size(): { readonly repetitions: number; readonly characters: number } {
    const characters = this.#rules.reduce((sum, rule) => sum + rule.length, 0);
    return { repetitions: this.#repetitions, characters };
  }

  /** The whole grammar, of which the texts are those of this expression. */
  write(root: string): string {
    return [`root ::= ${root}`, ...commonRules, ...this.#rules].join("\n");
  }

  /** An expression for the JSON of these forms. */
  json({ root, definitions }: JsonForms): string {
    const names = [...definitions.keys()];
    this.#definitionRules = new Map(names.map((name) => [name, this.#newName()]));
    for (const [name, form] of definitions) {
      this.#rules.push(`${this.#definitionRules.get(name)} ::= ${this.#form(form)}`);
    }
    return this.#form(root);
  }

  /** An expression for one of some texts, each followed by the expression that stands with it. */
  choice(continued: ReadonlyMap<string, string>): string {
    return this.#continuedTrie(literalTrie([...continued.keys()]), "", continued);
  }

  /** An expression for a form that can stand anywhere in a sequence. */
  #form(form: JsonForm): string {
    switch (form.kind) {
      case "any":
        return "value";
      case "literals":
        return this.#trie(literalTrie(form.texts));
      case "string":
        return this.#string(form.minLength, form.maxLength);
      case "text":
        return `${quote} ${this.#automaton(form.automaton, { end: quote, write: writeInString })}`;
      case "number":
        return form.isInteger ? "integer" : "number";
      case "range":
        return this.#automaton(form.automaton, { end: '""', write: writeClass });
      case "array":
        return this.#array(form);
      case "object":
        return this.#object(form.members);
      case "map":
        return this.#map(form.values);
      case "union":
        return this.rule(form.branches.map((branch) => this.#form(branch)).join(" | "));
      case "reference":
        return this.#definitionRules.get(form.name) ?? "value";
      default:
        return form satisfies never;
    }
  }

  /** The name of a new rule with this expression. */
  rule(expression: string): string {
    const name = this.#newName();
    this.#rules.push(`${name} ::= ${expression}`);
    return name;
  }

  #newName(): string {
    this.#nextRule += 1;
    return `rule-${this.#nextRule}`;
  }

  #continuedTrie(
    { beginning, isEnd, branches }: LiteralTrie,
    before: string,
    continued: ReadonlyMap<string, string>,
  ): string {
    const text = before + beginning;
    const rests = branches.map((branch) => this.#continuedTrie(branch, text, continued));
    const all = [...rests, ...(isEnd ? [continued.get(text) ?? '""'] : [])];
    const alternatives = all.length === 1 ? all.join("") : this.rule(all.join(" | "));
    return beginning === "" ? alternatives : `${literal(beginning)} ${alternatives}`;
  }

  #trie({ beginning, isEnd, branches }: LiteralTrie): string {
    if (branches.length === 0) {
      return literal(beginning);
    }
    const rests = branches.map((branch) => this.#trie(branch));
    const alternatives = this.rule([...rests, ...(isEnd ? ['""'] : [])].join(" | "));
    return beginning === "" ? alternatives : `${literal(beginning)} ${alternatives}`;
  }

  #string(minLength: number, maxLength: number | undefined): string {
    if (minLength === 0 && maxLength === undefined) {
      return "string";
    }
    return this.rule(
      [quote, ...this.#repeated("character", minLength, maxLength), quote].join(" "),
    );
  }

  /** A rule for each state: a character and the state that it leads to, or the end. */
  #automaton(automaton: Automaton, { end, write }: Spelling): string {
    const known = this.#automata.get(automaton);
    if (known !== undefined) {
      return known;
    }
    const name = `text-${this.#automata.size}`;
    this.#automata.set(automaton, `${name}-0`);
    for (const [index, { isEnd, next }] of automaton.states.entries()) {
      const ways = next.flatMap(({ characters, state }) =>
        write(characters).map((read) => `${read} ${name}-${state}`),
      );
      this.#rules.push(`${name}-${index} ::= ${[...ways, ...(isEnd ? [end] : [])].join(" | ")}`);
    }
    return `${name}-0`;
  }

  #array({ items, minItems, maxItems }: JsonForm & { kind: "array" }): string {
    if (maxItems === 0) {
      return this.rule('"[" space "]"');
    }
    const item = this.#form(items);
    const another = this.rule(`"," space ${item}`);
    const most = maxItems === undefined ? undefined : maxItems - 1;
    const others = this.#repeated(another, Math.max(minItems - 1, 0), most);
    const all = [item, ...others, "space"].join(" ");
    return this.rule(`"[" space ${minItems === 0 ? `( ${all} )?` : all} "]"`);
  }

  /** So many times, of which none is written as nothing at all: GBNF has no {0}. */
  #repeated(rule: string, min: number, max: number | undefined): string[] {
    this.#repetitions += max ?? min;
    if (max === 0) {
      return [];
    }
    if (max === undefined) {
      return [min === 0 ? `${rule}*` : `${rule}{${min},}`];
    }
    return [min === max ? `${rule}{${min}}` : `${rule}{${min},${max}}`];
  }

  #map(values: JsonForm): string {
    const entry = this.rule(`string ":" space ${this.#form(values)}`);
    const another = this.rule(`"," space ${entry}`);
    return this.rule(`"{" space ( ${entry} ${another}* space )? "}"`);
  }

  /**
   * A member that may be left out makes two ways on: with it and without it. Whether a comma comes
   * first depends on whether any member came before, so there is a way for either.
   */
  #object(members: readonly JsonMember[]): string {
    let asFirst = '""';
    let asNext = "space";
    for (const { name, isRequired, form } of members.toReversed()) {
      const member = `${literal(JSON.stringify(name))} ":" space ${this.#form(form)}`;
      const rest = asNext;
      const withoutAsNext = isRequired ? "" : ` | ${asNext}`;
      const withoutAsFirst = isRequired ? "" : ` | ${asFirst}`;
      const shared = this.rule(`${member} ${rest}`);
      asNext = this.rule(`"," space ${shared}${withoutAsNext}`);
      asFirst = isRequired ? shared : this.rule(`${shared}${withoutAsFirst}`);
    }
    return this.rule(`"{" space ${asFirst} "}"`);
  }
}

/** How an automaton's texts stand in JSON. */
interface Spelling {
  /** What follows where a text ends. */
  readonly end: string;
  /** Expressions that together stand for the characters of a set. */
  readonly write: (characters: CharacterSet) => readonly string[];
}

function writeClass(set: CharacterSet): readonly string[] {
  const ranges = set.map(([from, to]) =>
    from === to ? codePoint(from) : `${codePoint(from)}-${codePoint(to)}`,
  );
  return ranges.length === 0 ? [] : [`[${ranges.join("")}]`];
}

function codePoint(point: number): string {
  return `\\U${point.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** As the rule `character` does it: what needs an escape gets its short one. */
function writeInString(set: CharacterSet): readonly string[] {
  const escaped = shortEscapes.filter(([character]) => has(set, character.codePointAt(0) ?? 0));
  const letters = escaped.map(([, letter]) =>
    letter === "\\" || letter === '"' ? `\\${letter}` : letter,
  );
  const plain = without(set, charactersOf(shortEscapes.map(([character]) => character).join("")));
  return [...writeClass(plain), ...(letters.length > 0 ? [`"\\\\" [${letters.join("")}]`] : [])];
}

const shortEscapes = [
  ['"', '"'],
  ["\\", "\\"],
  ["\b", "b"],
  ["\f", "f"],
  ["\n", "n"],
  ["\r", "r"],
  ["\t", "t"],
] as const;

const quote = String.raw`"\""`;

/** A text in quotes, with everything but plain ASCII escaped. */
export function literal(text: string): string {
  const escaped = [...text].map((character) => {
    if (character === "\\" || character === '"') {
      return `\\${character}`;
    }
    if (/^[ -~]$/.test(character)) {
      return character;
    }
    return codePoint(character.codePointAt(0) ?? 0);
  });
  return `"${escaped.join("")}"`;
}

/** Texts by their common beginnings, so that at every character only what can differ is open. */
interface LiteralTrie {
  /** What follows is the rest after this. */
  readonly beginning: string;
  /** A text ends here, though others may go on. */
  readonly isEnd: boolean;
  readonly branches: readonly LiteralTrie[];
}

/** @param texts at least one, each once */
export function literalTrie(texts: readonly string[]): LiteralTrie {
  return node(texts.map((text) => [...text]).toSorted(byCharacters), 0);
}

/** The most texts that may go on in different ways at one character. */
export function widestBranching({ branches, isEnd }: LiteralTrie): number {
  const here = branches.length + (isEnd ? 1 : 0);
  return Math.max(here, ...branches.map(widestBranching));
}

/** All texts are the same up to `from`. They are sorted, so those that begin alike are neighbours. */
function node(texts: readonly (readonly string[])[], from: number): LiteralTrie {
  const first = texts[0] ?? [];
  const last = texts.at(-1) ?? [];
  let to = from;
  while (to < first.length && first[to] === last[to]) {
    to += 1;
  }
  const longer = texts.filter((text) => text.length > to);
  const groups = new Map<string, (readonly string[])[]>();
  for (const text of longer) {
    const character = text[to] ?? "";
    const group = groups.get(character);
    if (group === undefined) {
      groups.set(character, [text]);
    } else {
      group.push(text);
    }
  }
  return {
    beginning: first.slice(from, to).join(""),
    isEnd: longer.length < texts.length,
    branches: [...groups.values()].map((group) => node(group, to)),
  };
}

function byCharacters(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const order = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length;
}
