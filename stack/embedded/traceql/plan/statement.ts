/** Common table expressions that are built up, each under a name of its own. */
export class Statement {
  readonly #parts: string[] = [];

  /** @returns The name of the part. */
  add(sql: string): string {
    return this.#put("", "MATERIALIZED", sql);
  }

  /**
   * Makes the table of spans, for all other parts, be some of its rows only. Call it first.
   * @param where A condition on `main.spans`.
   */
  narrowSpans(where: string): void {
    this.#parts.unshift(
      `spans AS MATERIALIZED (SELECT rowid AS rowid, * FROM main.spans WHERE ${where})`,
    );
  }

  /** @param sql Gets its own name, to refer to itself. */
  addRecursive(columns: string, sql: (self: string) => string): string {
    const name = `part_${this.#parts.length}`;
    return this.#put(`(${columns})`, "", sql(name));
  }

  /** The whole statement with what it answers. */
  select(sql: string): string {
    return this.#parts.length === 0 ? sql : `WITH RECURSIVE ${this.#parts.join(", ")} ${sql}`;
  }

  #put(columns: string, how: string, sql: string): string {
    const name = `part_${this.#parts.length}`;
    this.#parts.push(`${name}${columns} AS ${how} (${sql})`);
    return name;
  }
}
