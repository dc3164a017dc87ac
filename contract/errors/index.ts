/** A sentence, or how one is made of what the throw site gives. Values hold no untrusted content. */
type Text = string | ((values: never) => string);

/** What is known of an error by its code alone. */
export interface ErrorEntry {
  /** The status of the HTTP answer. */
  readonly status?: number;
  /** 1: it ran and met a problem. 2: it cannot run. Over 128: a signal ended it. */
  readonly exit?: number | ((values: never) => number);
  /** What happened. */
  readonly message: Text;
  /** What to do. */
  readonly hint?: Text;
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** What the place that throws knows better than the table. */
export interface Particular {
  readonly message?: string | undefined;
  readonly hint?: string | undefined;
}

/** The sentences of a code that is met in many ways, for where the place that throws has no better. */
export function varied(what: string, action: string) {
  return {
    message: ({ message = what }: Particular) => message,
    hint: ({ hint = action }: Particular) => hint,
  };
}

export interface Always {
  /** More lines: each fault of several, or the last words of a process. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** An error that a person meets: a stable code, what happened, and what to do. */
export class CodedError extends Error {
  readonly code: string;
  readonly values: object;
  /** What to do; empty where nothing can be said. */
  readonly hint: string;
  readonly details: readonly string[];
  readonly status: number | undefined;
  readonly exitCode: number;

  constructor(code: string, entry: ErrorEntry, values: object = {}) {
    const { details = [], cause }: Always = values;
    super(fill(entry.message, values), cause === undefined ? {} : { cause });
    this.code = code;
    this.values = values;
    this.hint = fill(entry.hint ?? "", values);
    this.details = details;
    this.status = entry.status;
    this.exitCode = fill(entry.exit ?? 2, values);
  }

  /** All of it in one line, for the log of a process. */
  toLine(): string {
    const words = [this.message, ...this.details, this.hint, `[${this.code}]`];
    return words.filter((text) => text !== "").join(" ");
  }
}

type ValuesTaken<Member> = Member extends (values: infer Values) => unknown ? Values : unknown;
type ValuesOf<Entry extends ErrorEntry> = ValuesTaken<Entry["message"]> &
  ValuesTaken<Entry["hint"]> &
  ValuesTaken<Entry["exit"]> &
  Always;
type Arguments<Table extends ErrorTable> = {
  [Code in keyof Table]: object extends ValuesOf<Table[Code]>
    ? [code: Code, values?: ValuesOf<Table[Code]>]
    : [code: Code, values: ValuesOf<Table[Code]>];
}[keyof Table];

export interface Thrown<Table extends ErrorTable> extends CodedError {
  readonly code: keyof Table & string;
  readonly values: ValuesOf<Table[keyof Table]>;
  /** Whether it is of that code, with the values that the code takes. */
  is<Code extends keyof Table & string>(
    code: Code,
  ): this is { readonly code: Code; readonly values: ValuesOf<Table[Code]> };
}

/** The errors of a layer as one class: `throw new StoreError("store_in_use", { file })`. */
export function defineErrors<const Table extends ErrorTable>(
  name: string,
  table: Table,
): { new (...given: Arguments<Table>): Thrown<Table>; readonly table: Table } {
  return class extends CodedError {
    static readonly table = table;
    override readonly name = name;

    constructor(code: keyof Table & string, values?: Always) {
      super(code, table[code] as ErrorEntry, values);
    }

    is(code: string): boolean {
      return this.code === code;
    }
  } as never;
}

/** A member of an entry with the values put in. */
export function fill<Result extends string | number>(
  member: Result | ((values: never) => Result),
  values: object,
): Result {
  return typeof member === "function" ? member(values as never) : member;
}
