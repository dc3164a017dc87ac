/** Texts by their common beginnings, so that at every character only what can differ is open. */
export interface LiteralTrie {
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
  while (to < first.length && first[to] === last[to]) to += 1;
  const longer = texts.filter((text) => text.length > to);
  const groups = new Map<string, (readonly string[])[]>();
  for (const text of longer) {
    const character = text[to] ?? "";
    const group = groups.get(character);
    if (group === undefined) groups.set(character, [text]);
    else group.push(text);
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
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
