import { randomBytes } from "node:crypto";
import { LlamaText, type SpecialToken, SpecialTokensText } from "node-llama-cpp";

/** No control token of any vocabulary is made of these alone. */
const harmless = /^[\w .,:;()'/+*=!?@-]*$/;

/**
 * Marks that stand in a template for what a client wrote, and become plain text when the template has
 * put them in their places: so it cannot say a control token. A mark holds a quote, which shows how often
 * the template has put it into JSON, so that the text is escaped as often.
 */
export class MarkedTexts {
  readonly #nonce = randomBytes(8).toString("hex");
  readonly #contents: (string | SpecialToken)[] = [];

  /** A mark for a text. Nothing is marked by nothing, which templates ask for. */
  mark(content: string | SpecialToken): string {
    return content === "" ? "" : `M${this.#nonce}x${this.#contents.push(content) - 1}"Z`;
  }

  /** JSON with a mark for each of its texts that could be more than text, names of members included. */
  markJson(value: unknown): unknown {
    if (typeof value === "string") {
      return harmless.test(value) ? value : this.mark(value);
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.markJson(item));
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([name, item]) => [this.markJson(name), this.markJson(item)]),
    );
  }

  /** Whether a text that was rendered has this mark. */
  has(rendered: string, mark: string): boolean {
    return new RegExp(`${mark.slice(0, -'"Z'.length)}\\\\*"Z`).test(rendered);
  }

  /** What was rendered, with the texts in place of their marks. */
  resolve(rendered: string): LlamaText {
    const parts = rendered.split(new RegExp(`M${this.#nonce}x(\\d+)(\\\\*)"Z`));
    const resolved: (string | SpecialToken | SpecialTokensText)[] = [];
    for (let at = 0; at < parts.length; at += 3) {
      const [own = "", index, escapes = ""] = parts.slice(at, at + 3);
      if (own !== "") {
        resolved.push(new SpecialTokensText(own));
      }
      const content = index === undefined ? undefined : this.#contents[Number(index)];
      if (content !== undefined) {
        resolved.push(typeof content === "string" ? escaped(content, escapes.length) : content);
      }
    }
    return LlamaText(resolved);
  }
}

/** A quote has one backslash after one time in JSON, three after two, seven after three. */
function escaped(content: string, backslashes: number): string {
  const times = Math.log2(backslashes + 1);
  return Array.from({ length: Math.round(times) }).reduce<string>(
    (text) => JSON.stringify(text).slice(1, -1),
    content,
  );
}
