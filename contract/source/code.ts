/** What can be written as an expression of TypeScript. `undefined` members are left out. */
export type Code =
  | string
  | number
  | boolean
  | null
  | undefined
  | RegExp
  | Call
  | Entry
  | Name
  | Shape
  | readonly Code[]
  | { readonly [key: string]: Code };

/** A name, as it is. */
export class Name {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A call of a function. */
export class Call {
  readonly name: string;
  readonly values: readonly Code[];

  constructor(name: string, ...values: readonly Code[]) {
    this.name = name;
    this.values = values;
  }
}

/** An entry of a list with something to say about it. */
export class Entry {
  readonly code: string;
  readonly comment: readonly string[];

  constructor(code: string, comment: readonly string[]) {
    this.code = code;
    this.comment = comment;
  }
}

export interface Member {
  readonly key: string;
  readonly code: Code;
  /** What the members from here on belong to, after an empty line. */
  readonly section?: string;
  /** Sentences, each on lines of its own above the member. */
  readonly comment?: readonly string[];
}

/** An object whose members may have comments, or that has a line for each in any case. */
export class Shape {
  readonly members: readonly Member[];
  readonly isOpen: boolean;

  constructor(members: readonly Member[], { isOpen = false } = {}) {
    this.members = members.filter(({ code }) => code !== undefined);
    this.isOpen =
      isOpen ||
      members.some(({ comment = [], section }) => comment.length > 0 || section !== undefined);
  }
}

const widthCharacters = 100;
const step = "  ";

/** Prints an expression as this project's formatter leaves it. `before` is what its line begins with. */
export function printCode(code: Code, before: string, after: string): string {
  return before + print(code, { indent: "", column: before.length, after: after.length }) + after;
}

interface Place {
  readonly indent: string;
  /** Where the expression begins, and how many characters follow it on its last line. */
  readonly column: number;
  readonly after: number;
}

function print(code: Code, place: Place): string {
  const flat = printFlat(code);
  if (flat !== undefined && place.column + flat.length + place.after <= widthCharacters) {
    return flat;
  }
  if (code instanceof Call) {
    return printCall(code, place);
  }
  if (isList(code)) {
    return printList(code, place);
  }
  const shape = toShape(code);
  return shape === undefined ? (flat ?? "") : printShape(shape, place);
}

/** All on one line, or undefined where that cannot be. */
function printFlat(code: Code): string | undefined {
  if (typeof code === "string") {
    return quote(code);
  }
  if (code instanceof Name) {
    return code.name;
  }
  if (code instanceof Entry) {
    return undefined;
  }
  if (code instanceof Call) {
    const values = allFlat(code.values);
    return values && `${code.name}(${values.join(", ")})`;
  }
  if (isList(code)) {
    const values = allFlat(code);
    return values && `[${values.join(", ")}]`;
  }
  const shape = toShape(code);
  if (shape === undefined) {
    return String(code);
  }
  const members = shape.isOpen ? undefined : allFlat(shape.members.map((member) => member.code));
  const written = members?.map((value, index) => head(shape.members[index]) + value);
  return written && (written.length === 0 ? "{}" : `{ ${written.join(", ")} }`);
}

function allFlat(codes: readonly Code[]): string[] | undefined {
  const values = codes.map(printFlat);
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** Only the last value is broken where the others fit beside the name; otherwise each has a line. */
function printCall({ name, values }: Call, { indent, column }: Place): string {
  const last = values.at(-1);
  const others = allFlat(values.slice(0, -1));
  const beside = others && `${name}(${others.map((value) => `${value}, `).join("")}`;
  const opens = isList(last) || toShape(last) !== undefined;
  if (beside !== undefined && opens && column + beside.length + 1 <= widthCharacters) {
    const expanded = { indent, column: column + beside.length, after: widthCharacters };
    return `${beside}${print(last, expanded)})`;
  }
  const inner = indent + step;
  const lines = values.map(
    (value) => `${inner}${print(value, { indent: inner, column: inner.length, after: 1 })},\n`,
  );
  return `${name}(\n${lines.join("")}${indent})`;
}

function printList(list: readonly Code[], { indent }: Place): string {
  const inner = indent + step;
  if (list.every((value) => typeof value === "number")) {
    return `[\n${fill(list.map(String), inner)}\n${indent}]`;
  }
  const lines = list.flatMap((value) => {
    const [code, comment] = value instanceof Entry ? [value.code, value.comment] : [value, []];
    const place = { indent: inner, column: inner.length, after: 1 };
    return [...printComment(comment, inner), `${inner}${print(code, place)},`];
  });
  return ["[", ...lines, `${indent}]`].join("\n");
}

/** Numbers stand side by side. */
function fill(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length + 2 <= widthCharacters) {
      lines[lines.length - 1] = `${line} ${word},`;
    } else {
      lines.push(`${indent}${word},`);
    }
  }
  return lines.join("\n");
}

function printShape({ members }: Shape, { indent }: Place): string {
  const inner = indent + step;
  const lines = members.flatMap((member, index) => [
    ...(member.section === undefined || index === 0 ? [] : [""]),
    ...printEntry(member, inner),
  ]);
  return ["{", ...lines, `${indent}}`].join("\n");
}

/** A member in lines, as it stands in its object. */
function printEntry(member: Member, indent: string): string[] {
  const { section, comment = [] } = member;
  return [
    ...printComment(section === undefined ? comment : [section, ...comment], indent),
    ...`${indent}${printMember(member, indent)},`.split("\n"),
  ];
}

/** After a shorter name, a line of its own would gain a text too little. */
const shortestBroken = 5;

function printMember(member: Member, indent: string): string {
  const { code } = member;
  const before = head(member);
  const place = { indent, column: indent.length + before.length, after: 1 };
  const value = print(code, place);
  const isTooLong =
    typeof code === "string" &&
    place.column + value.length + 1 > widthCharacters &&
    propertyName(member.key).length >= shortestBroken;
  return isTooLong ? `${before.trimEnd()}\n${indent}${step}${value}` : before + value;
}

/** A member's name and its colon; a name that stands for itself has neither. */
function head(member: Member | undefined): string {
  const { key = "", code } = member ?? {};
  return code instanceof Name && code.name === key ? "" : `${propertyName(key)}: `;
}

function propertyName(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

/** Sentences as comments, folded at the width. */
export function printComment(sentences: readonly string[], indent: string): string[] {
  return sentences.flatMap((sentence) => {
    const lines: string[] = [];
    for (const word of sentence.split(/[\s\p{Cc}\u2028\u2029]+/u)) {
      const line = lines.at(-1);
      if (line !== undefined && line.length + word.length + 1 <= widthCharacters) {
        lines[lines.length - 1] = `${line} ${word}`;
      } else {
        lines.push(`${indent}// ${word}`);
      }
    }
    return lines;
  });
}

/** Between double quotes, or single ones where a text has more of the double. */
function quote(text: string): string {
  const json = JSON.stringify(text).replace(/[\u2028\u2029]/g, (character) =>
    character === "\u2028" ? "\\u2028" : "\\u2029",
  );
  const [doubles, singles] = ['"', "'"].map((mark) => text.split(mark).length);
  return (doubles ?? 0) > (singles ?? 0)
    ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : json;
}

/** The names of all functions that an expression calls. */
export function listCalls(code: Code): string[] {
  if (code instanceof Call) {
    return [code.name, ...code.values.flatMap(listCalls)];
  }
  if (isList(code)) {
    return code.flatMap(listCalls);
  }
  return toShape(code)?.members.flatMap((member) => listCalls(member.code)) ?? [];
}

function isList(code: Code): code is readonly Code[] {
  return Array.isArray(code);
}

function toShape(code: Code): Shape | undefined {
  if (code instanceof Shape) {
    return code;
  }
  const isObject =
    typeof code === "object" &&
    code !== null &&
    !isList(code) &&
    !(
      code instanceof Call ||
      code instanceof Name ||
      code instanceof Entry ||
      code instanceof RegExp
    );
  return isObject
    ? new Shape(Object.entries(code).map(([key, value]) => ({ key, code: value })))
    : undefined;
}
