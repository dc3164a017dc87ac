/** What a registry says and a contract has no word for, and what had to be guessed: by sentence, of what. */
export class Losses {
  readonly #byReason = new Map<string, string[]>();

  add(reason: string, what: string): void {
    this.#byReason.set(reason, [...(this.#byReason.get(reason) ?? []), what]);
  }

  list(): { readonly reason: string; readonly of: readonly string[] }[] {
    return [...this.#byReason].map(([reason, of]) => ({ reason, of: [...new Set(of)] }));
  }
}
