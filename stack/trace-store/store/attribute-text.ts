import { fromBase64, type KeyValue, toBase64, type Value } from "#contract";
import { findJsonStringEnd } from "../json-string.ts";

/**
 * How attributes are written into a text column: as JSON that DuckDB can ask, from which exactly
 * what was sent can be read again. Integers are bare digits of any length, doubles have a point, an
 * exponent or a name (`NaN`, `Infinity`, which DuckDB's JSON knows), an empty value is null, bytes
 * are `{"bytes": base64}`, a map is `{"map": {…}}`. Keys stand in the order sent, also twice: then
 * the first is the one that DuckDB finds.
 */
export function writeAttributes(attributes: readonly KeyValue[]): string {
  let text = "{";
  for (const { key, value } of attributes) {
    text += `${text.length === 1 ? "" : ","}${writeString(key)}:${writeValue(value)}`;
  }
  return `${text}}`;
}

/** DuckDB's JSON refuses a whole text for half of a surrogate pair, which is no Unicode anyway. */
export function writeString(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

function writeValue(value: Value): string {
  switch (value.type) {
    case "string":
      return writeString(value.value);
    case "bool":
    case "int":
      return String(value.value);
    case "double":
      return writeDouble(value.value);
    case "bytes":
      return `{"bytes":"${toBase64(value.value)}"}`;
    case "array":
      return `[${value.value.map(writeValue).join(",")}]`;
    case "map":
      return `{"map":${writeAttributes(value.value)}}`;
    case "empty":
      return "null";
    default:
      return value satisfies never;
  }
}

function writeDouble(value: number): string {
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
}

/**
 * Reads such a text again, and the texts of events and links that hold such texts. JSON.parse would
 * lose the order of keys, repeated keys, long integers and the difference between 1 and 1.0.
 */
export class AttributeTextReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  attributes(): KeyValue[] {
    const attributes: KeyValue[] = [];
    this.object((key) => attributes.push({ key, value: this.value() }));
    return attributes;
  }

  /** Calls `read` for each member, behind its key; it must read the member's value. */
  object(read: (key: string) => void): void {
    this.#members("{", "}", () => {
      const key = this.string();
      this.#take(":");
      read(key);
    });
  }

  list<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    this.#members("[", "]", () => items.push(read()));
    return items;
  }

  string(): string {
    const start = this.#position;
    this.#position = findJsonStringEnd(this.#text, start);
    this.#take('"');
    return JSON.parse(this.#text.slice(start, this.#position)) as string;
  }

  integer(): bigint {
    return BigInt(this.#match(/-?\d+/y));
  }

  value(): Value {
    switch (this.#text[this.#position]) {
      case '"':
        return { type: "string", value: this.string() };
      case "[":
        return { type: "array", value: this.list(() => this.value()) };
      case "{":
        return this.#wrapped();
      default:
        return toScalar(this.#match(/[^,\]}]+/y));
    }
  }

  #wrapped(): Value {
    let value: Value = { type: "empty" };
    this.object((kind) => {
      value =
        kind === "map"
          ? { type: "map", value: this.attributes() }
          : { type: "bytes", value: fromBase64(this.string()) ?? new Uint8Array() };
    });
    return value;
  }

  #members(open: string, close: string, read: () => void): void {
    this.#take(open);
    while (this.#text[this.#position] !== close) {
      read();
      if (this.#text[this.#position] !== close) {
        this.#take(",");
      }
    }
    this.#position += 1;
  }

  #take(character: string): void {
    if (this.#text[this.#position] !== character) {
      throw this.#damaged();
    }
    this.#position += 1;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) {
      throw this.#damaged();
    }
    this.#position += found.length;
    return found;
  }

  /** Without the text: it may hold what must not be printed. */
  #damaged(): Error {
    return new Error(`stored attributes cannot be read from position ${this.#position} on`);
  }
}

/** One value of such a text. */
export function readValueText(text: string): Value {
  return new AttributeTextReader(text).value();
}

function toScalar(word: string): Value {
  switch (word) {
    case "null":
      return { type: "empty" };
    case "true":
    case "false":
      return { type: "bool", value: word === "true" };
    default:
      return /^-?\d+$/.test(word)
        ? { type: "int", value: BigInt(word) }
        : { type: "double", value: Number(word) };
  }
}
