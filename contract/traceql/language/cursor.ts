import { QueryError } from "./query-error.ts";
import { describeToken, scan, type Token } from "./scanner.ts";
import type { Position } from "./syntax.ts";

/** Deeper nesting would end as a stack overflow somewhere. */
const deepest = 100;
/** Of a query with more, the plan alone would take the database seconds. */
const mostParts = 500;

/** The tokens of a query, and where the parser is in them. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  #parts = 0;

  constructor(text: string) {
    this.#tokens = scan(text);
  }

  get token(): Token {
    return this.peek(0);
  }

  get at(): Position {
    return this.token.at;
  }

  peek(ahead: number): Token {
    // The last token is `end`, and behind it there is only that.
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)] as Token;
  }

  advance(): Token {
    const { token } = this;
    this.#index += 1;
    return token;
  }

  isOperator(...texts: string[]): boolean {
    return this.token.type === "operator" && texts.includes(this.token.text);
  }

  isWord(...texts: string[]): boolean {
    return this.token.type === "word" && texts.includes(this.token.text);
  }

  /** Steps over the operator when it is there. */
  takeOperator(text: string): boolean {
    const isThere = this.isOperator(text);
    if (isThere) {
      this.advance();
    }
    return isThere;
  }

  expectOperator(text: string, where: string): void {
    if (!this.takeOperator(text)) {
      this.fail(`"${text}" ${where}`);
    }
  }

  /**
   * @param advice What may have been meant, with what parts it from the rest.
   * @throws QueryError at the current token, always.
   */
  fail(expected: string, advice = ""): never {
    throw new QueryError(
      "syntax",
      this.at,
      `expected ${expected}, found ${describeToken(this.token)}${advice}`,
    );
  }

  /** Items with commas between them, at least one. */
  list<Item>(parse: () => Item): Item[] {
    const items = [parse()];
    while (this.takeOperator(",")) {
      this.countPart();
      items.push(parse());
    }
    return items;
  }

  /**
   * Notes that there is one more operator, stage or item.
   * @param weight For how many simple ones it counts.
   * @throws QueryError when there are too many.
   */
  countPart(weight = 1): void {
    this.#parts += weight;
    if (this.#parts > mostParts) {
      throw new QueryError("unsupported", this.at, "a query of so many parts");
    }
  }

  nested<Result>(parse: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > deepest) {
      throw new QueryError("syntax", this.at, `nested more than ${deepest} levels deep`);
    }
    const result = parse();
    this.#depth -= 1;
    return result;
  }
}
