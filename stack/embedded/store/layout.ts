/**
 * In which order a span's attributes were sent, when some of them are in columns: the keys of those,
 * and between them how many come from the text. `["llm.model", 2, "llm.tokens.out"]` is the column,
 * two from the text, the other column, and then what is left of the text.
 */
export type Layout = readonly (string | number)[];

/** Built while the attributes of a span are divided between columns and text. */
export class LayoutBuilder {
  #sequence: (string | number)[] = [];
  #fromText = 0;

  column(key: string): void {
    if (this.#fromText > 0) {
      this.#sequence.push(this.#fromText);
      this.#fromText = 0;
    }
    this.#sequence.push(key);
  }

  text(): void {
    this.#fromText += 1;
  }

  /** The layout as it is stored, or null when no attribute is in a column. Begins anew. */
  take(): string | null {
    const stored = this.#sequence.length === 0 ? null : JSON.stringify(this.#sequence);
    this.#sequence = [];
    this.#fromText = 0;
    return stored;
  }
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
