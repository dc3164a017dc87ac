/**
 * In which order a span's attributes were sent, when some of them are in columns: the keys of those,
 * and between them how many come from the text. `["llm.model", 2, "llm.tokens.out"]` is the column,
 * two from the text, the other column, and then what is left of the text.
 */
export type Layout = readonly (string | number)[];

interface Place {
  /** The step that leads here. */
  readonly step: string | number;
  readonly before: Place | undefined;
  readonly next: Map<string | number, Place>;
  /** What the layout that ends here is stored as, once that was asked for. */
  id: number | undefined;
}

/** Places that are remembered. Spans of one program take the same few hundred again and again. */
const remembered = 20_000;

/** Finds the ids of layouts, step by step, while the attributes of a span are divided. */
export class LayoutEncoder {
  readonly #storeLayout: (layout: string) => number;
  #root = placeAfter(undefined, 0);
  #place = this.#root;
  #fromText = 0;
  #places = 0;

  /** @param storeLayout Stores a layout's JSON, or finds it. */
  constructor(storeLayout: (layout: string) => number) {
    this.#storeLayout = storeLayout;
  }

  column(key: string): void {
    if (this.#fromText > 0) {
      this.#step(this.#fromText);
      this.#fromText = 0;
    }
    this.#step(key);
  }

  text(): void {
    this.#fromText += 1;
  }

  /** The id of the layout, or null when no attribute is in a column. Begins anew. */
  finish(): number | null {
    const place = this.#place;
    this.#place = this.#root;
    this.#fromText = 0;
    if (place === this.#root) {
      return null;
    }
    place.id ??= this.#storeLayout(JSON.stringify(stepsTo(place)));
    if (this.#places > remembered) {
      this.forget();
    }
    return place.id;
  }

  /** Must be called when ids that were given are no longer true. */
  forget(): void {
    this.#root = placeAfter(undefined, 0);
    this.#place = this.#root;
    this.#fromText = 0;
    this.#places = 0;
  }

  #step(step: string | number): void {
    let next = this.#place.next.get(step);
    if (next === undefined) {
      next = placeAfter(this.#place, step);
      this.#place.next.set(step, next);
      this.#places += 1;
    }
    this.#place = next;
  }
}

function placeAfter(before: Place | undefined, step: string | number): Place {
  return { step, before, next: new Map(), id: undefined };
}

function stepsTo(end: Place): Layout {
  const steps: (string | number)[] = [];
  for (let place = end; place.before !== undefined; place = place.before) {
    steps.push(place.step);
  }
  return steps.reverse();
}

/** Puts the attributes together again. */
export function arrange<Item>(
  layout: Layout,
  fromColumn: (key: string) => Item | undefined,
  fromText: readonly Item[],
): Item[] {
  const arranged: Item[] = [];
  let taken = 0;
  for (const step of layout) {
    if (typeof step === "number") {
      arranged.push(...fromText.slice(taken, taken + step));
      taken += step;
      continue;
    }
    const item = fromColumn(step);
    if (item !== undefined) {
      arranged.push(item);
    }
  }
  return [...arranged, ...fromText.slice(taken)];
}
