import { type AttributeColumn, quoted, spanFields } from "../../store/index.ts";

/** Common table expressions that are built up, each under a name of its own. */
export class Statement {
  readonly #parts: string[] = [];
  #narrowed: { readonly where: string; readonly columns: readonly AttributeColumn[] } | undefined;

  /** @returns The name of the part. */
  add(sql: string): string {
    return this.#put("", "MATERIALIZED", sql);
  }

  /**
   * Makes the table of spans, for all parts, be some of its rows only.
   * @param where A condition on `main.spans s`.
   * @param columns Those of attributes.
   */
  narrowSpans(where: string, columns: readonly AttributeColumn[]): void {
    this.#narrowed = { where, columns };
  }

  /** @param sql Gets its own name, to refer to itself. */
  addRecursive(columns: string, sql: (self: string) => string): string {
    const name = `part_${this.#parts.length}`;
    return this.#put(`(${columns})`, "", sql(name));
  }

  /** The whole statement with what it answers. */
  select(sql: string): string {
    const parts = [...this.#narrowedPart(sql), ...this.#parts];
    return parts.length === 0 ? sql : `WITH RECURSIVE ${parts.join(", ")} ${sql}`;
  }

  /** With those columns only whose names occur in the statement: the database would read them all. */
  #narrowedPart(sql: string): string[] {
    if (this.#narrowed === undefined) {
      return [];
    }
    const { where, columns } = this.#narrowed;
    const text = [...this.#parts, sql].join(" ");
    const words = new Set(text.match(/\w+/g));
    const read = [
      ...spanFields.filter((field) => words.has(field)),
      ...columns.map(({ name }) => quoted(name)).filter((name) => text.includes(name)),
    ];
    return [
      `spans AS MATERIALIZED (SELECT ${["s.rowid AS rowid", ...read.map((name) => `s.${name}`)].join(", ")} FROM main.spans s WHERE ${where})`,
    ];
  }

  #put(columns: string, how: string, sql: string): string {
    const name = `part_${this.#parts.length}`;
    this.#parts.push(`${name}${columns} AS ${how} (${sql})`);
    return name;
  }
}
