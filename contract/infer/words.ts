/** Words for code and for people, made of names on the wire. */

/** Last words that say nothing without the word before them. */
const minWordsOfIdentifier = 2;

/** Namespaces that so many attributes share that an identifier needs not repeat them. */
const sharedBy = 3;

/**
 * Identifiers for wire names, as a person would shorten them: `shop.cart.id` is `cartId`, and `shop.amount`
 * is `amount` where `shop` is before many. No two are the same.
 */
export function createIdentifiers(names: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const [first = ""] = segmentsOf(name);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  const identifiers = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const segments = segmentsOf(name);
    const [first = ""] = segments;
    const isShared = segments.length > 1 && (counts.get(first) ?? 0) >= sharedBy;
    const shortest = isShared ? segments.slice(1) : segments;
    const candidates = [lastWords(shortest), shortest, segments].map(toCamelCase);
    const whole = candidates.at(-1) ?? "";
    let identifier = candidates.find((candidate) => !taken.has(candidate));
    for (let number = 2; identifier === undefined; number++) {
      identifier = taken.has(`${whole}${number}`) ? undefined : `${whole}${number}`;
    }
    taken.add(identifier);
    identifiers.set(name, identifier);
  }
  return identifiers;
}

/** As many segments from the end as it takes for two words. */
function lastWords(segments: readonly string[]): string[] {
  const last: string[] = [];
  for (const segment of segments.toReversed()) {
    if (last.flatMap(wordsOf).length >= minWordsOfIdentifier) {
      break;
    }
    last.unshift(segment);
  }
  return last;
}

function segmentsOf(name: string): string[] {
  const segments = name.split(/[.\s/:]+/).filter((segment) => wordsOf(segment).length > 0);
  return segments.length === 0 ? ["span"] : segments;
}

/** The words of a name, in lower case: `HTTPServer.handle_it` has four. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3 $2$4")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

/** Names that every object has. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

function toCamelCase(segments: readonly string[]): string {
  const [first = "", ...others] = segments
    .flatMap(wordsOf)
    .map((word) => word.replaceAll(/[^\p{ID_Continue}]/gu, ""));
  const joined = [
    first,
    ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ].join("");
  const identifier = /^\p{ID_Start}/u.test(joined) ? joined : `the${joined}`;
  return inherited.has(identifier) ? `${identifier}Value` : identifier;
}

const acronyms = new Set([
  "api",
  "cpu",
  "db",
  "dns",
  "gpu",
  "http",
  "llm",
  "rag",
  "rpc",
  "sql",
  "tls",
  "ttl",
  "url",
]);

/** A name as a sentence: `shop.items.in` is "Shop items in." */
export function sentenceOf(name: string): string {
  const words = wordsOf(name).map((word) => (acronyms.has(word) ? word.toUpperCase() : word));
  const text = words.join(" ") || "Something";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `1 span`, `1,204 spans`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}
