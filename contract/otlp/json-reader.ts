/**
 * What became of that which is not as OTLP wants it. `span_…`: the span is left out. `group_unreadable`:
 * so are all spans of a part of the document. Everything else leaves the span, with something changed.
 */
export type ReadOutcome =
  | "span_unreadable"
  | "span_id_invalid"
  | "group_unreadable"
  | "owner_unreadable"
  | "enum_unknown"
  | "number_clamped"
  | "nesting_cut"
  | "link_id_invalid";

/** What could not be read, and where: the path is the one in the document, as `resourceSpans[0].scopeSpans[1]`. */
export interface ReadFault {
  readonly path: string;
  readonly seen: string;
  readonly expected: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** So many faults are told one by one. */
const mostFaults = 1_000;

const integerRanges = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
  uint32: { min: 0n, max: 2n ** 32n - 1n },
} as const;

/** A whole number in any spelling of protobuf's JSON. Of more digits none is a number that somebody meant. */
const wholeNumber = /^-?\d{1,400}$/;
const decimalNumber = /^-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?$/;

/**
 * Reads members of a JSON document and notes every one that is not of its kind, so that a reader of
 * a whole document reports all faults and not the first. A missing member has protobuf's default.
 */
export class JsonReader {
  readonly faults: ReadFault[] = [];
  /** One for each thing that was left out or changed. */
  readonly outcomes: ReadOutcome[] = [];
  #unreadable = 0;

  /** How many members could not be read until now. What they are in cannot be read either. */
  get unreadable(): number {
    return this.#unreadable;
  }

  fault(path: string, seen: string, expected: string): void {
    this.#unreadable += 1;
    this.ignored(path, seen, expected);
  }

  /** A fault that costs nothing. */
  ignored(path: string, seen: string, expected: string): void {
    if (this.faults.length < mostFaults) {
      this.faults.push({ path: path === "" ? "the document" : path, seen, expected });
    }
  }

  /** A fault for which the member was changed, and what it is in can be read. */
  mended(outcome: ReadOutcome, path: string, seen: string, expected: string): void {
    this.outcomes.push(outcome);
    this.ignored(path, seen, expected);
  }

  object(entry: unknown, path: string): JsonObject {
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry)) {
      return entry as JsonObject;
    }
    this.fault(path, describeKind(entry), "an object");
    return {};
  }

  /** The items, each with its path. */
  list(entry: unknown, path: string): [item: unknown, path: string][] {
    if (Array.isArray(entry)) {
      return entry.map((item, index) => [item, `${path}[${index}]`]);
    }
    if (entry !== undefined && entry !== null) {
      this.fault(path, describeKind(entry), "an array");
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
    const expected = `a whole number from ${min} to ${max}`;
    return this.#scalar(entry, path, expected, 0n, (value) => {
      const integer = readInteger(value);
      if (integer === undefined || (integer >= min && integer <= max)) {
        return integer;
      }
      this.mended("number_clamped", path, "one beyond", expected);
      return integer < min ? min : max;
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

  /**
   * One of protobuf's enumerations: a number, or a name with its prefix. They are open: of one that
   * is not known yet, it is read that none was given.
   */
  enumeration<Name extends string>(
    entry: unknown,
    path: string,
    names: readonly [Name, ...Name[]],
    prefix: string,
  ): Name {
    const expected = `0 to ${names.length - 1}, or ${prefix}…`;
    return this.#scalar(entry, path, expected, names[0], (value) => {
      const number = readInteger(value);
      if (number === undefined && typeof value !== "string") {
        return undefined;
      }
      const known =
        number === undefined
          ? names.find((name) => value === prefix + name.toUpperCase())
          : names[Number(number)];
      if (known === undefined) {
        this.mended("enum_unknown", path, "another", expected);
      }
      return known ?? names[0];
    });
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
      this.fault(path, describeKind(entry), expected);
      return absent;
    }
    return value;
  }
}

function readInteger(value: unknown): bigint | undefined {
  if (typeof value === "string" && wholeNumber.test(value)) {
    return BigInt(value);
  }
  const number = typeof value === "string" && decimalNumber.test(value) ? Number(value) : value;
  return Number.isInteger(number) ? BigInt(number as number) : undefined;
}

/** What was seen, without repeating it: a span may hold what must not be printed. */
export function describeKind(entry: unknown): string {
  if (entry === undefined || entry === null) {
    return "nothing";
  }
  return Array.isArray(entry) ? "an array" : `a value of type ${typeof entry}`;
}

/** The bytes as lower-case hexadecimal digits. */
export function bytesToHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that pairs of hexadecimal digits stand for. */
export function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The bytes of standard or URL-safe base64, or undefined where it is neither. */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard) || standard.replaceAll("=", "").length % 4 === 1) {
    return undefined;
  }
  const binary = atob(standard.replaceAll("=", ""));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = binary.charCodeAt(index);
  }
  return bytes;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}
