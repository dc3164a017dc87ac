import type { Contract } from "../define/contract.ts";
import type { Span } from "../otlp/span.ts";

/** A declared name that no span of a sample has. */
export interface UnseenName {
  readonly kind: "span" | "attribute";
  readonly name: string;
  /** Its identifier in the contract. */
  readonly identifier: string;
  /** For an attribute: the spans that were there and could have it, by name. */
  readonly spanNames: readonly string[];
}

/** Notes which names of a contract spans have. */
export class SeenNames {
  readonly #contract: Contract;
  /** By name of a span, the keys of its attributes. */
  readonly #keysBySpan = new Map<string, Set<string>>();

  constructor(contract: Contract) {
    this.#contract = contract;
  }

  add(spans: readonly Span[]): void {
    for (const { name, attributes } of spans) {
      const keys = this.#keysBySpan.get(name) ?? new Set();
      this.#keysBySpan.set(name, keys);
      for (const { key } of attributes) {
        keys.add(key);
      }
    }
  }

  /** Spans that were not there, and attributes that none of the spans that were there had. */
  unseen(): UnseenName[] {
    const definitions = Object.values(this.#contract.spans);
    const spans = definitions
      .filter(({ name }) => !this.#keysBySpan.has(name))
      .map(({ name, identifier }) => ({ kind: "span" as const, name, identifier, spanNames: [] }));
    const attributes = Object.entries(this.#contract.attributes).flatMap(
      ([identifier, { key }]): UnseenName[] => {
        const spanNames = definitions
          .filter((span) => Object.hasOwn(span.attributes, identifier))
          .map(({ name }) => name)
          .filter((name) => this.#keysBySpan.has(name));
        const isSeen = spanNames.some((name) => this.#keysBySpan.get(name)?.has(key));
        return spanNames.length === 0 || isSeen
          ? []
          : [{ kind: "attribute", name: key, identifier, spanNames }];
      },
    );
    return [...spans, ...attributes];
  }
}
