/** Characters as ranges of code points, both ends included, sorted, with gaps between them. */
export type CharacterSet = readonly (readonly [from: number, to: number])[];

const lastCharacter = 0x10ffff;

export const anyCharacter: CharacterSet = [[0, lastCharacter]];

/** A set of ranges in any order. */
export function characters(...ranges: readonly (readonly [number, number])[]): CharacterSet {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted(([left], [right]) => left - right)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) {
      last[1] = Math.max(last[1], to);
    } else {
      merged.push([from, to]);
    }
  }
  return merged;
}

/** @example charactersOf("abc") */
export function charactersOf(text: string): CharacterSet {
  return characters(
    ...[...text].map((character): [number, number] => {
      const point = character.codePointAt(0) ?? 0;
      return [point, point];
    }),
  );
}

export function without(set: CharacterSet, removed: CharacterSet): CharacterSet {
  const left: [number, number][] = [];
  for (const [from, to] of set) {
    let next = from;
    for (const [first, last] of removed) {
      if (last < next || first > to) {
        continue;
      }
      if (first > next) {
        left.push([next, first - 1]);
      }
      next = last + 1;
    }
    if (next <= to) {
      left.push([next, to]);
    }
  }
  return left;
}

export function has(set: CharacterSet, point: number): boolean {
  return set.some(([from, to]) => from <= point && point <= to);
}

/** The first code points of the largest ranges that each lie wholly inside or outside of every set. */
export function splitPoints(sets: readonly CharacterSet[]): number[] {
  const points = new Set<number>();
  for (const [from, to] of sets.flat()) {
    points.add(from);
    if (to < lastCharacter) {
      points.add(to + 1);
    }
  }
  return [...points].toSorted((left, right) => left - right);
}
