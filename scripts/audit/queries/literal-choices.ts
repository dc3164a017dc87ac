/** More, and nobody wrote them by hand. */
const mostChoices = 50;

/**
 * The texts that a regular expression matches, where these are few and plainly written: `a|b`, `(a|b)`,
 * `a\.b`. Undefined for any other. Nothing of a stranger is run as an expression.
 */
export function literalChoices(pattern: string): readonly string[] | undefined {
  const inner = /^\^?(?:\((?:\?:)?([^()]*)\)|([^()]*))\$?$/.exec(pattern);
  const choices = (inner?.[1] ?? inner?.[2])?.split("|").map(unescaped);
  return choices === undefined || choices.length > mostChoices || choices.includes(undefined)
    ? undefined
    : (choices as string[]);
}

function unescaped(choice: string): string | undefined {
  return /^(?:[^\\.*+?()[\]{}^$|]|\\[^A-Za-z0-9])*$/.test(choice)
    ? choice.replaceAll(/\\(.)/g, "$1")
    : undefined;
}

/** Whether a regular expression is one that an absent value matches too. */
export function takesNothing(pattern: string): boolean {
  const inner = pattern.replace(/^\^?\(?(?:\?:)?/, "").replace(/\)?\$?$/, "");
  return inner.split("|").some((choice) => choice === "" || choice === ".*");
}
