import { fromBase64 } from "./bytes.ts";

/** What could not be read, and where: the path is the one in the document, as `resourceSpans[0].scopeSpans[1]`. */
export interface ReadFault {
  readonly path: string;
  readonly seen: string;
  readonly expected: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const integerRanges = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
  uint32: { min: 0n, max: 2n ** 32n - 1n },
} as const;

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

  /** An integer as protobuf's JSON has it: a string of digits, or a number that is whole. */
  integer(entry: unknown, path: string, type: keyof typeof integerRanges): bigint {
    const { min, max } = integerRanges[type];
    return this.#scalar(entry, path, `a whole number from ${min} to ${max}`, 0n, (value) => {
      const isDigits = typeof value === "string" && /^-?\d{1,20}$/.test(value);
      if (!isDigits && !Number.isInteger(value)) {
        return undefined;
      }
      const integer = BigInt(value as string | number);
      return integer >= min && integer <= max ? integer : undefined;
    });
  }

  count(entry: unknown, path: string): number {
    return Number(this.integer(entry, path, "uint32"));
  }

  bytes(entry: unknown, path: string): Uint8Array {
    return this.#scalar(entry, path, "base64", new Uint8Array(), (value) =>
      typeof value === "string" ? fromBase64(value) : undefined,
    );
  }

  /** One of protobuf's enumerations: a number, or a name with its prefix. */
  enumeration<Name extends string>(
    entry: unknown,
    path: string,
    names: readonly [Name, ...Name[]],
    prefix: string,
  ): Name {
    const expected = `0 to ${names.length - 1}, or ${prefix}…`;
    return this.#scalar(entry, path, expected, names[0], (value) =>
      typeof value === "number"
        ? names[value]
        : names.find((name) => value === prefix + name.toUpperCase()),
    );
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
export function kindOf(entry: unknown): string {
  if (entry === undefined || entry === null) {
    return "nothing";
  }
  return Array.isArray(entry) ? "an array" : `a value of type ${typeof entry}`;
}
