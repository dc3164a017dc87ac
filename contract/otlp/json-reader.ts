/** What could not be read, and where: the path is the one in the document, as `resourceSpans[0].scopeSpans[1]`. */
export interface ReadFault {
  readonly path: string;
  readonly seen: string;
  readonly expected: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads members of a JSON document and notes every one that is not of its kind, so that a reader of
 * a whole document reports all faults and not the first. A missing member has protobuf's default.
 */
export class JsonReader {
  readonly faults: ReadFault[] = [];

  fault(path: string, seen: string, expected: string): void {
    this.faults.push({ path: path === "" ? "the document" : path, seen, expected });
  }

  object(entry: unknown, path: string): JsonObject {
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry)) {
      return entry as JsonObject;
    }
    this.fault(path, kindOf(entry), "an object");
    return {};
  }

  /** The items, each with its path. */
  list(entry: unknown, path: string): [item: unknown, path: string][] {
    if (Array.isArray(entry)) {
      return entry.map((item, index) => [item, `${path}[${index}]`]);
    }
    if (entry !== undefined && entry !== null) {
      this.fault(path, kindOf(entry), "an array");
    }
    return [];
  }

  text(entry: unknown, path: string): string {
    return this.#scalar(entry, path, "a string", "", (value) =>
      typeof value === "string" ? value : undefined,
    );
  }

  boolean(entry: unknown, path: string): boolean {
    return this.#scalar(entry, path, "true or false", false, (value) =>
      typeof value === "boolean" ? value : undefined,
    );
  }

  /** A 64-bit integer: a string of digits, or a number that is whole. */
  integer(entry: unknown, path: string): bigint {
    return this.#scalar(entry, path, "an integer", 0n, (value) => {
      const isDigits = typeof value === "string" && /^-?\d{1,20}$/.test(value);
      return isDigits || Number.isInteger(value) ? BigInt(value as string | number) : undefined;
    });
  }

  count(entry: unknown, path: string): number {
    return Number(this.integer(entry, path));
  }

  /** A double: a number, its digits as a string, or one of protobuf's names for the rest. */
  double(entry: unknown, path: string): number {
    return this.#scalar(entry, path, "a number", 0, (value) => {
      if (typeof value === "number") {
        return value;
      }
      if (value === "NaN" || value === "Infinity" || value === "-Infinity") {
        return Number(value);
      }
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
      return Number.isNaN(number) ? undefined : number;
    });
  }

  #scalar<Scalar>(
    entry: unknown,
    path: string,
    expected: string,
    absent: Scalar,
    read: (value: unknown) => Scalar | undefined,
  ): Scalar {
    if (entry === undefined || entry === null) {
      return absent;
    }
    const value = read(entry);
    if (value === undefined) {
      this.fault(path, kindOf(entry), expected);
      return absent;
    }
    return value;
  }
}

/** What was seen, without repeating it: a span may hold what must not be printed. */
function kindOf(entry: unknown): string {
  if (entry === null) {
    return "null";
  }
  return Array.isArray(entry) ? "an array" : `a value of type ${typeof entry}`;
}
