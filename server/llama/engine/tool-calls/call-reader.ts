import { type CallForm, idMark } from "./call-form.ts";

/** What of a call has come: its beginning, with the name, or more of its arguments, as JSON. */
export type CallPiece =
  | { readonly kind: "call"; readonly name: string }
  | { readonly kind: "arguments"; readonly characters: string };

/** Takes calls apart while they are written. The text is one that the grammar of calls let through. */
export class CallReader {
  readonly #before: RegExp;
  readonly #between: RegExp;
  #held = "";
  #place: "outside" | "name" | "arguments" = "outside";
  #json = new JsonEnd();

  constructor({ before, between }: CallForm) {
    this.#before = matcherOf(before);
    this.#between = matcherOf(between);
  }

  push(characters: string): CallPiece[] {
    this.#held += characters;
    const pieces: CallPiece[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) {
      pieces.push(...piece);
    }
    return pieces;
  }

  /** Undefined when nothing more can be told from what has come. */
  #next(): CallPiece[] | undefined {
    switch (this.#place) {
      case "outside":
        return this.#upTo(this.#before) === undefined ? undefined : this.#enter("name");
      case "name": {
        const name = this.#upTo(this.#between);
        return name === undefined ? undefined : this.#enter("arguments", { kind: "call", name });
      }
      case "arguments":
        return this.#arguments();
      default:
        return this.#place satisfies never;
    }
  }

  #arguments(): CallPiece[] | undefined {
    if (this.#held === "") {
      return undefined;
    }
    const end = this.#json.findEnd(this.#held);
    const characters = this.#held.slice(0, end);
    this.#held = end === undefined ? "" : this.#held.slice(end);
    if (end === undefined) {
      return [{ kind: "arguments", characters }];
    }
    this.#json = new JsonEnd();
    return this.#enter("outside", { kind: "arguments", characters });
  }

  #enter(place: "outside" | "name" | "arguments", ...pieces: CallPiece[]): CallPiece[] {
    this.#place = place;
    return pieces;
  }

  /** What stands before the first match, which is taken away with it. */
  #upTo(matcher: RegExp): string | undefined {
    const match = matcher.exec(this.#held);
    if (match === null) {
      return undefined;
    }
    this.#held = this.#held.slice(match.index + match[0].length);
    return match.input.slice(0, match.index);
  }
}

/** Finds the end of a JSON object that comes in pieces. */
class JsonEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Where the object ends in this piece. */
  findEnd(piece: string): number | undefined {
    for (let at = 0; at < piece.length; at++) {
      if (this.#closes(piece[at] ?? "")) {
        return at + 1;
      }
    }
    return undefined;
  }

  #closes(character: string): boolean {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (character === "\\") {
      this.#isEscaped = true;
    } else if (character === '"') {
      this.#isInString = !this.#isInString;
    } else if (!this.#isInString) {
      this.#depth += depthOf[character] ?? 0;
      return this.#depth === 0 && character === "}";
    }
    return false;
  }
}

const depthOf: Readonly<Record<string, number>> = { "{": 1, "[": 1, "}": -1, "]": -1 };

function matcherOf(text: string): RegExp {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(escaped.replaceAll(idMark, "[a-zA-Z0-9]{9}"));
}
