const mask = "…";

/** A shell's variable stands for a credential and is none. */
const notAVariable = "(?!\\$)";
const space = "(?:\\s|%20|\\+)";
const colon = "(?::|%3a)";
const slash = "(?:[/\\\\]|%2f|%5c)";
const at = "(?:@|%40)";
const quote = "(?:\\\\?[\"']|%22|%27)?";
const notTheEnd = "[^\\s\"'<>`]";
const ofValue = "(?:(?!%26|%22|%27|%3b)[^\\s\"'&,;)}\\]<>`\\\\])";

/** What is called so holds a credential. */
const secretNames =
  "(?:token|api[_-]?key|access[_-]?key|password|passwd|pwd|secret|credentials?|signature|sig)";
const secretHeaders =
  "(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]*(?:token|key|secret|assertion)";
/** Words that say how somebody signs in, and not with what. */
const schemeWords = "(?!(?:tokens?|auth\\w*|scheme|realm|error)\\b)";

/** Repetitions have a bound: a long text of a stranger must not take long. */
const patterns: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // scheme://name:password@host, also percent-encoded, with backslashes, or with a slash in the password.
  [
    new RegExp(
      `(${colon}${slash}{1,3}|(?<![\\w/\\\\])${slash}{2})((?:(?!${slash}|${at}|[?#])${notTheEnd}){0,300}${at})+`,
      "gi",
    ),
    `$1${mask}@`,
  ],
  [
    new RegExp(
      `(${colon}${slash}{2})[^\\s/@:"'<>]{0,100}:(?!\\d+(?:[/?#\\s]|$))${notTheEnd}{0,300}@`,
      "gi",
    ),
    `$1${mask}@`,
  ],
  // A header takes the rest of its line, or of its quotes.
  [
    new RegExp(
      `\\b(${secretHeaders})(${quote}\\s*(?:[:=]|%3a|%3d)\\s*${quote})(?!(?:bearer|basic)\\s+\\$)${notAVariable}(?!\\s)[^"'\\r\\n<>]+`,
      "gi",
    ),
    `$1$2${mask}`,
  ],
  [
    new RegExp(
      `\\b(bearer|basic|negotiate)(${space}+)${notAVariable}${schemeWords}[\\w.~+/=%-]{4,}`,
      "gi",
    ),
    `$1$2${mask}`,
  ],
  [
    new RegExp(
      `((?:^|[^a-z0-9.])(?:[a-z0-9]{1,30}[_-]){0,4}${secretNames})(${quote}\\s*(?:=|%3d)\\s*${quote}|["']\\s*:\\s*["'])${notAVariable}(?!")${ofValue}+`,
      "gi",
    ),
    `$1$2${mask}`,
  ],
  // As people write it down, and in YAML: a value of one word, with a digit, or it may be a sentence.
  [
    new RegExp(
      `((?:^|[^a-z0-9.])(?:[a-z0-9]{1,30}[_-]){0,4}${secretNames}${quote}:[ \\t]+)${notAVariable}(?=[^\\s\\d]{0,100}\\d)[^\\s"'<>{}\\[\\],;]{6,}`,
      "gi",
    ),
    `$1${mask}`,
  ],
  // A key in PEM, also cut off, and with its lines written as \n.
  [/(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\w+/=\s\\:.,]{1,8000}/g, `$1${mask}`],
  // Known by their looks: tokens of Grafana, Hugging Face, OpenAI, GitHub, GitLab, npm, PyPI, Slack,
  // Google and AWS, and signed ones.
  [
    /\b(?:gl(?:sa|c)_|hf_|sk-|gh[opsur]_|github_pat_|glpat-|npm_|pypi-|xox[a-z]-|xapp-|ya29\.|AIza|A[KS]IA(?=[A-Z0-9]{16}))[\w-]{8,}|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
    mask,
  ],
];

/** A text without what looks like a credential, however it is spelled. */
export function withoutCredentials(text: string): string {
  return patterns.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);
}

/**
 * A text without certain credentials, which are known: as they are, as part of an address, of JSON or of
 * a page, and in base 64. A user's password is one by itself.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, secret.slice(secret.indexOf(":") + 1)]);
  const spellings = parts.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    btoa(String.fromCharCode(...new TextEncoder().encode(secret))),
  ]);
  return [...new Set(spellings)]
    .filter((spelling) => spelling.length >= leastSecret)
    .toSorted((one, other) => other.length - one.length)
    .reduce((masked, spelling) => masked.replaceAll(spelling, mask), text);
}

/** Shorter ones would take words apart, and are no secrets. */
const leastSecret = 3;
