import { type CharacterSet, characters, has, splitPoints } from "./character-set.ts";

/**
 * Which texts are allowed, character by character. From each state a character leads to one other at
 * most, so however a pattern is written, a grammar of it has one way open at a time.
 */
export interface Automaton {
  /** The first is where every text begins. */
  readonly states: readonly AutomatonState[];
}

export interface AutomatonState {
  /** A text may end here. */
  readonly isEnd: boolean;
  /** The sets have no character in common. */
  readonly next: readonly { readonly characters: CharacterSet; readonly state: number }[];
}

/** Beyond these the texts of a schema are too many to tell apart in a bearable time. */
const automatonLimits = {
  /** Of what is built first, before repetitions of the same are merged. */
  nodes: 10_000,
  states: 1_500,
  /** Moves looked at while the states are made; some 100 ms. */
  moves: 2_000_000,
} as const;

/** An automaton would be larger than the limits. */
export class AutomatonTooLarge extends Error {
  override readonly name = "AutomatonTooLarge";
}

/** In characters, as JSON Schema counts them. */
export interface TextLength {
  readonly min: number;
  readonly max: number | undefined;
}

interface Edge {
  readonly to: number;
  /** What is read; without it, nothing is, and `at` may say where alone that is possible. */
  readonly read?: CharacterSet;
  readonly at?: "start" | "end";
}

/**
 * Builds an automaton from pieces that may be alternatives of each other, and may read nothing: nodes,
 * and edges between them. `toAutomaton` makes it one that is always in one state.
 */
export class AutomatonBuilder {
  readonly #edges: Edge[][] = [];
  readonly start: number;
  readonly end: number;

  constructor() {
    this.start = this.node();
    this.end = this.node();
  }

  node(): number {
    if (this.#edges.length >= automatonLimits.nodes) {
      throw new AutomatonTooLarge();
    }
    this.#edges.push([]);
    return this.#edges.length - 1;
  }

  /** Reads one character of the set. */
  read(from: number, set: CharacterSet, to: number): void {
    this.#edges[from]?.push({ to, read: set });
  }

  /** Reads nothing. */
  skip(from: number, to: number, at?: "start" | "end"): void {
    this.#edges[from]?.push(at === undefined ? { to } : { to, at });
  }

  /**
   * @param writable the characters that may be read at all
   * @returns undefined when no text is allowed
   * @throws AutomatonTooLarge
   */
  toAutomaton(writable: CharacterSet, length?: TextLength): Automaton | undefined {
    const subsets = new Subsets(this.#edges, writable, this.end);
    return withoutDeadEnds(subsets.list(this.start, length));
  }
}

/** The states of the one automaton are sets of the other's nodes, and how much has been read. */
class Subsets {
  readonly #edges: readonly (readonly Edge[])[];
  readonly #end: number;
  readonly #points: readonly number[];
  readonly #writable: CharacterSet;
  readonly #numbers = new Map<string, number>();
  readonly #open: { readonly nodes: readonly number[]; readonly read: number }[] = [];
  #moves = 0;

  constructor(edges: readonly (readonly Edge[])[], writable: CharacterSet, end: number) {
    this.#edges = edges;
    this.#end = end;
    this.#writable = writable;
    const sets = edges.flat().flatMap(({ read }) => (read === undefined ? [] : [read]));
    this.#points = splitPoints([...sets, writable]);
  }

  list(start: number, length: TextLength = { min: 0, max: undefined }): AutomatonState[] {
    const states: AutomatonState[] = [];
    this.#number(this.#closure([start], "start"), 0);
    for (let index = 0; index < this.#open.length; index++) {
      const { nodes, read } = this.#open[index] ?? { nodes: [], read: 0 };
      const isLong = length.max !== undefined && read >= length.max;
      states.push({
        isEnd: read >= length.min && this.#isEnd(nodes),
        next: isLong ? [] : this.#next(nodes, this.#countRead(read, length)),
      });
    }
    return states;
  }

  /** What is counted no longer, where no bound depends on it. */
  #countRead(read: number, { min, max }: TextLength): number {
    return max === undefined ? Math.min(read + 1, min) : read + 1;
  }

  #next(nodes: readonly number[], read: number): AutomatonState["next"] {
    const targets = new Map<number, [number, number][]>();
    for (const [index, point] of this.#points.entries()) {
      if (!has(this.#writable, point)) {
        continue;
      }
      const reached = this.#reach(nodes, point);
      if (reached.length > 0) {
        const state = this.#number(this.#closure(reached), read);
        const last = (this.#points[index + 1] ?? 0x110000) - 1;
        targets.set(state, [...(targets.get(state) ?? []), [point, last]]);
      }
    }
    return [...targets].map(([state, ranges]) => ({ characters: characters(...ranges), state }));
  }

  #reach(nodes: readonly number[], point: number): number[] {
    return nodes.flatMap((node) =>
      this.#listEdges(node).flatMap(({ read, to }) =>
        read !== undefined && has(read, point) ? [to] : [],
      ),
    );
  }

  #isEnd(nodes: readonly number[]): boolean {
    return this.#closure(nodes, "end").includes(this.#end);
  }

  /** All that can be reached without reading. */
  #closure(nodes: readonly number[], place?: "start" | "end"): readonly number[] {
    const reached = new Set(nodes);
    for (const node of reached) {
      for (const { to, read, at } of this.#listEdges(node)) {
        if (read === undefined && (at === undefined || at === place)) {
          reached.add(to);
        }
      }
    }
    return [...reached].toSorted((left, right) => left - right);
  }

  #listEdges(node: number): readonly Edge[] {
    this.#moves += 1;
    if (this.#moves > automatonLimits.moves) {
      throw new AutomatonTooLarge();
    }
    return this.#edges[node] ?? [];
  }

  #number(nodes: readonly number[], read: number): number {
    const key = `${read}:${nodes.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#open.length >= automatonLimits.states) {
      throw new AutomatonTooLarge();
    }
    this.#open.push({ nodes, read });
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Leaves out the states from which no text can end: a model that got there could not finish. */
function withoutDeadEnds(states: readonly AutomatonState[]): Automaton | undefined {
  const before = new Map<number, number[]>();
  for (const [index, { next }] of states.entries()) {
    for (const { state } of next) {
      before.set(state, [...(before.get(state) ?? []), index]);
    }
  }
  const alive = new Set([...states.keys()].filter((index) => states[index]?.isEnd));
  for (const index of alive) {
    for (const earlier of before.get(index) ?? []) {
      alive.add(earlier);
    }
  }
  if (!alive.has(0)) {
    return undefined;
  }
  const numbers = new Map(
    [...alive].toSorted((left, right) => left - right).map((old, now) => [old, now]),
  );
  return {
    states: [...numbers.keys()].map((old) => {
      const { isEnd = false, next = [] } = states[old] ?? {};
      return {
        isEnd,
        next: next.flatMap(({ characters: set, state }) => {
          const number = numbers.get(state);
          return number === undefined ? [] : [{ characters: set, state: number }];
        }),
      };
    }),
  };
}
