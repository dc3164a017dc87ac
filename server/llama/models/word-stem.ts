/**
 * The common beginning of an English word's forms, so that they count as one: "retries", "retried"
 * and "retry" become "retri". It is not always a word, and errs where English does.
 */
export function stemOf(word: string): string {
  const singular = withoutPlural(word);
  const base = withoutEnding(singular);
  return base.length > 3 ? base.replace(/(?<=[^aeiou])e$/, "").replace(/y$/, "i") : base;
}

function withoutPlural(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.replace(/s$/, "");
}

function withoutEnding(word: string): string {
  const match = /^(.*[aeiouy].*?)(ing|ed)$/.exec(word);
  const [, rest = ""] = match ?? [];
  if (rest.length < 3 || /eed$/.test(word)) return word;
  if (/ied$/.test(word)) return `${word.slice(0, -3)}y`;
  // "stopped" is "stop", and "called" is "call".
  return /([bdgmnprt])\1$/.test(rest) ? rest.slice(0, -1) : rest;
}
