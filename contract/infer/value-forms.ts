/** The forms that strings on the wire have: what a pattern is made of. */

/** What all values of an attribute look like. */
export interface ValueForm {
  /** The source of a pattern that each value matches completely. */
  readonly pattern: string;
  /** A value of that form that nobody sent. */
  readonly example: string;
  /** In words, for the comment: "a UUID". */
  readonly words: string;
  /** Whether values of the form tell things apart, as ids do. */
  readonly isId: boolean;
}

const sampleHex = "0af7651916cd43dd8448eb211c80319c";
const sampleUuid = "0af76519-16cd-43dd-8448-eb211c80319c";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** Shorter ones are words or numbers. */
const minHexDigits = 8;
const mostPrefixes = 4;
const mostNameCharacters = 128;

/**
 * The form of an id, of a name, or undefined for texts.
 * @param mayShowPrefixes whether the words before an id may be repeated: `cmpl-`, but not `alice-`.
 */
export function findForm(
  values: readonly string[],
  { mayShowPrefixes }: { readonly mayShowPrefixes: boolean },
): ValueForm | undefined {
  return (mayShowPrefixes ? findIdForm(values) : findPlainId(values)) ?? findNameForm(values);
}

/** Ids, perhaps all behind one of a few words: `cmpl-0af7…`. */
function findIdForm(values: readonly string[]): ValueForm | undefined {
  const plain = findPlainId(values);
  if (plain !== undefined) {
    return plain;
  }
  const split = values.map((value) =>
    /^([A-Za-z][A-Za-z]{0,19}[-_:.])([0-9a-f-]{8,}|\d+)$/.exec(value),
  );
  const prefixes = [...new Set(split.map((match) => match?.[1] ?? ""))].sort();
  const rest = findPlainId(split.map((match) => match?.[2] ?? ""));
  if (prefixes.includes("") || prefixes.length > mostPrefixes || rest === undefined) {
    return undefined;
  }
  const [first = ""] = prefixes;
  const alternatives = prefixes.map(escapePattern).join("|");
  return {
    pattern: (prefixes.length > 1 ? `(${alternatives})` : alternatives) + rest.pattern,
    example: first + rest.example,
    words: `${rest.words} behind ${prefixes.join(", ")}`,
    isId: true,
  };
}

function findPlainId(values: readonly string[]): ValueForm | undefined {
  const all = (pattern: RegExp) => values.every((value) => pattern.test(value));
  const lengths = values.map(({ length }) => length);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  if (all(new RegExp(`^${uuid}$`))) {
    return { pattern: uuid, example: sampleUuid, words: "a UUID", isId: true };
  }
  if (all(/^\d{1,30}$/)) {
    const pattern = `\\d{${least === most ? least : `1,${Math.max(most, 20)}`}}`;
    return {
      pattern,
      example: "1234567890".repeat(3).slice(0, least),
      words: "digits",
      isId: true,
    };
  }
  if (least === most && least >= minHexDigits && least <= 128 && all(/^[0-9a-f]+$/)) {
    return {
      pattern: `[0-9a-f]{${least}}`,
      example: sampleHex.repeat(4).slice(0, least),
      words: `${least} hexadecimal digits`,
      isId: true,
    };
  }
  return undefined;
}

const nameForms = [
  { characters: "a-z0-9_", first: "a-z", example: "name", words: "a word in lower case" },
  { characters: "A-Za-z0-9._-", first: "A-Za-z0-9", example: "name", words: "a name" },
  { characters: "A-Za-z0-9._/-", first: "A-Za-z0-9", example: "name", words: "a name" },
  { characters: "A-Za-z0-9._/:{}<>*-", first: "/", example: "/name", words: "a path" },
  { characters: "A-Za-z0-9._/:{}<>+*-", first: "A-Za-z0-9/{<*", example: "name", words: "a name" },
] as const;

/** Names as programs give them: without spaces, and not long. */
export function findNameForm(values: readonly string[]): ValueForm | undefined {
  for (const { characters, first, example, words } of nameForms) {
    const pattern = `[${first}][${characters}]{0,${mostNameCharacters - 1}}`;
    const form = new RegExp(`^(?:${pattern})$`, "u");
    if (values.every((value) => form.test(value))) {
      return { pattern, example, words, isId: false };
    }
  }
  return undefined;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/]/g, String.raw`\$&`);
}

/**
 * A span's name with a star for each id in it, or the name itself: `GET /users/7` is `GET /users/*`. What
 * is surely an id has many digits or is a UUID; a short number may be a version.
 */
export function withoutIds(name: string): { readonly template: string; readonly isSure: boolean } {
  let isSure = false;
  const template = name
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, () => {
      isSure = true;
      return "*";
    })
    .replaceAll(/(?<![A-Za-z0-9])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?![A-Za-z0-9])/gi, () => {
      isSure = true;
      return "*";
    })
    .replaceAll(/(?<![A-Za-z0-9.])\d+(?![A-Za-z0-9.])/g, "*");
  return { template, isSure };
}
