import type { SpanKind, StatusCode } from "../otlp/span.ts";
import { anyOf, Condition } from "./condition.ts";
import { quoted, quotedPattern } from "./literal.ts";
import type { Quantity } from "./quantity.ts";
import { PatternVariable, type TextVariable } from "./variable.ts";

/** What a condition can speak of, and what `select` and `by` can name. */
export type Field = Quantity | TextField | BooleanField | StatusField | KindField | NameField;

/** A string. `Value` is the union of its values where the contract lists them. */
export class TextField<Value extends string = string> {
  readonly kind = "string";
  readonly text: string;
  /** Of the attribute, where it is one. */
  readonly identifier: string | undefined;

  constructor(text: string, identifier?: string) {
    this.text = text;
    this.identifier = identifier;
  }

  is(value: Value | TextVariable): Condition {
    return new Condition(`${this.text} = ${textOf(value)}`);
  }

  /** True only of spans that have the attribute. */
  isNot(value: Value | TextVariable): Condition {
    return new Condition(`${this.text} != ${textOf(value)}`);
  }

  isOneOf(...values: readonly [Value, ...Value[]]): Condition {
    return anyOf(values.map((value) => this.is(value)));
  }

  /** Whether the whole value fits a pattern. It must be one that RE2 knows: no look-around. */
  matches(pattern: RegExp | PatternVariable): Condition {
    return new Condition(`${this.text} =~ ${patternText(pattern)}`);
  }

  /** True only of spans that have the attribute. */
  matchesNot(pattern: RegExp | PatternVariable): Condition {
    return new Condition(`${this.text} !~ ${patternText(pattern)}`);
  }

  isSet(): Condition {
    return new Condition(`${this.text} != nil`);
  }

  /**
   * True of spans without the attribute. Only strings can be asked, because Tempo answers this rightly
   * for attributes with a column of their own, and every string of a contract has one.
   */
  isMissing(): Condition {
    return new Condition(`${this.text} = nil`);
  }
}

export class BooleanField {
  readonly kind = "boolean";
  readonly text: string;
  readonly identifier: string | undefined;

  constructor(text: string, identifier?: string) {
    this.text = text;
    this.identifier = identifier;
  }

  is(value: boolean): Condition {
    return new Condition(`${this.text} = ${value}`);
  }

  isSet(): Condition {
    return new Condition(`${this.text} != nil`);
  }
}

export class StatusField {
  readonly kind = "status";
  readonly text = "status";
  readonly identifier = undefined;

  is(code: StatusCode): Condition {
    return new Condition(`${this.text} = ${code}`);
  }

  isNot(code: StatusCode): Condition {
    return new Condition(`${this.text} != ${code}`);
  }
}

export class KindField {
  readonly kind = "kind";
  readonly text = "kind";
  readonly identifier = undefined;

  is(kind: SpanKind): Condition {
    return new Condition(`${this.text} = ${kind}`);
  }
}

/** The name of a span, by identifier: names on the wire stand in the contract only. */
export class NameField<Identifier extends string = string> {
  readonly kind = "name";
  readonly text = "name";
  readonly identifier = undefined;
  readonly #names: Readonly<Record<string, string>>;

  /** @param names On the wire, by identifier. */
  constructor(names: Readonly<Record<string, string>>) {
    this.#names = names;
  }

  is(identifier: Identifier): Condition {
    return new Condition(`${this.text} = ${this.#quotedName(identifier)}`);
  }

  isNot(identifier: Identifier): Condition {
    return new Condition(`${this.text} != ${this.#quotedName(identifier)}`);
  }

  isOneOf(...identifiers: readonly [Identifier, ...Identifier[]]): Condition {
    return anyOf(identifiers.map((identifier) => this.is(identifier)));
  }

  #quotedName(identifier: string): string {
    const name = this.#names[identifier];
    if (name === undefined) {
      throw new RangeError(`The contract has no span ${identifier}.`);
    }
    return quoted(name);
  }
}

function textOf(value: string | TextVariable): string {
  return typeof value === "string" ? quoted(value) : value.text;
}

function patternText(pattern: RegExp | PatternVariable): string {
  if (pattern instanceof PatternVariable) {
    return pattern.text;
  }
  const flags = pattern.flags.replace("u", "");
  if (flags !== "" && flags !== "i") {
    throw new RangeError(`${pattern} has the flags ${pattern.flags}: TraceQL takes none but i.`);
  }
  return quotedPattern(`${flags === "i" ? "(?i)" : ""}${pattern.source}`);
}
