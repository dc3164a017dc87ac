type End = () => void | Promise<void>;

/** What must be ended, in the reverse order of its beginning; what begins too late is ended at once. */
export class CleanUp {
  readonly #ends: End[] = [];
  #isOver = false;

  /** Whether everything is ended, so that nothing else should begin. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async add(end: End): Promise<void> {
    if (this.#isOver) {
      await end();
    } else {
      this.#ends.push(end);
    }
  }

  async run(): Promise<void> {
    this.#isOver = true;
    for (const end of this.#ends.splice(0).toReversed()) {
      await end();
    }
  }
}
