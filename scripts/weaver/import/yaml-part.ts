import type { Document } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** A YAML file as it was read, and what is wrong with it. */
interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly faults: string[];
}

/**
 * A part of a YAML file that knows its line, and which of its members were asked for: what nobody asked
 * for is told as left out.
 */
export class YamlPart {
  readonly #source: Source;
  readonly #node: unknown;
  /** What it is, in a sentence about several: `attribute`. */
  readonly #kind: string;
  readonly #read = new Map<string, YamlPart | undefined>();
  #isReadWhole = false;

  constructor(source: Source, node: unknown, kind: string) {
    this.#source = source;
    this.#node = isAlias(node) ? node.resolve(source.document) : node;
    this.#kind = kind;
  }

  /** `registry/spans.yaml:12`. */
  get place(): string {
    const offset = isNode(this.#node) ? (this.#node.range?.[0] ?? 0) : 0;
    return `${this.#source.file}:${this.#source.lines.linePos(offset).line}`;
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  fault(sentence: string): void {
    this.#source.faults.push(`${this.place}: ${sentence}`);
  }

  /** A member, or undefined where there is none or nothing in it. */
  get(key: string, kind = key): YamlPart | undefined {
    if (!this.#read.has(key)) {
      const node = isMap(this.#node) ? this.#node.get(key, true) : undefined;
      const isThere = node !== undefined && !(isScalar(node) && node.value === null);
      this.#read.set(key, isThere ? new YamlPart(this.#source, node, kind) : undefined);
    }
    return this.#read.get(key);
  }

  /** A member that is a text, or a number or truth value read as one. */
  text(key: string): string | undefined {
    const value = this.get(key)?.value();
    if (value === undefined) {
      return undefined;
    }
    if (typeof value === "object") {
      this.get(key)?.fault(`${key} is no text.`);
      return undefined;
    }
    return String(value).trim();
  }

  /** Takes a member as read that says what holds anyway. */
  passOver(key: string, text: string): void {
    if (isMap(this.#node) && String(this.#node.get(key)) === text) {
      this.get(key);
    }
  }

  /** A text that must be there. */
  needed(key: string): string {
    const text = this.text(key);
    if (text === undefined || text === "") {
      this.fault(`This ${this.#kind} has no ${key}.`);
    }
    return text ?? "";
  }

  /** The entries of a member that is a list. */
  list(key: string, kind: string): readonly YamlPart[] {
    const list = this.get(key, kind);
    if (list === undefined) {
      return [];
    }
    if (!isSeq(list.#node)) {
      list.fault(`${key} is no list.`);
      return [];
    }
    return list.#entries(kind);
  }

  #entries(kind: string): readonly YamlPart[] {
    const items: readonly unknown[] = isSeq(this.#node) ? this.#node.items : [];
    items.forEach((item, index) => {
      if (!this.#read.has(String(index))) {
        this.#read.set(String(index), new YamlPart(this.#source, item, kind));
      }
    });
    return [...this.#read.values()].filter((part) => part !== undefined);
  }

  /** All of it, as plain data. */
  value(): unknown {
    this.#isReadWhole = true;
    return isNode(this.#node) ? this.#node.toJS(this.#source.document) : undefined;
  }

  /** The names of all members. */
  keys(): string[] {
    return isMap(this.#node) ? this.#node.items.map(({ key }) => String(key)) : [];
  }

  /** What nobody asked for, as `note of an attribute`, once for each time that it is there. */
  unread(): string[] {
    if (this.#isReadWhole) {
      return [];
    }
    const own = this.keys()
      .filter((key) => !this.#read.has(key))
      .map((key) => `${key} of ${/^[aeiou]/.test(this.#kind) ? "an" : "a"} ${this.#kind}`);
    return [...own, ...[...this.#read.values()].flatMap((part) => part?.unread() ?? [])];
  }
}

/** Reads a YAML file; its faults of form, each with its line, go to `faults`. */
export function parseYaml(file: string, text: string, faults: string[]): YamlPart | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { message, pos } of document.errors) {
    faults.push(`${file}:${lines.linePos(pos[0]).line}: It is not YAML: ${message}.`);
  }
  return document.errors.length > 0
    ? undefined
    : new YamlPart({ file, document, lines, faults }, document.contents, "file");
}
