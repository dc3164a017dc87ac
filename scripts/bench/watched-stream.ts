import type { Completion, CompletionClient } from "./completion-client.ts";

interface Waiting {
  readonly isOver: (times: readonly number[]) => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A stream that runs beside what else is measured, until it is left. */
export class WatchedStream {
  /** When each of its pieces came. */
  readonly times: number[] = [];
  readonly #leaving = new AbortController();
  readonly #ended: Promise<unknown>;
  #waiting: Waiting | undefined;

  constructor(client: CompletionClient, prompt: string, maxTokens: number) {
    const { signal } = this.#leaving;
    const onPiece = (at: number): void => this.#take(at);
    this.#ended = client
      .complete({ prompt, maxTokens, stream: true, signal, onPiece })
      .catch((error: unknown): Completion | Error => error as Error)
      .then((end) => {
        this.#waiting?.reject(end instanceof Error ? end : new Error("The stream has ended."));
      });
  }

  /** @throws Error when the stream ends before. */
  until(isOver: (times: readonly number[]) => boolean): Promise<void> {
    if (isOver(this.times)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { isOver, resolve, reject };
    });
  }

  /** As a client that has seen enough. */
  async leave(): Promise<void> {
    this.#waiting = undefined;
    this.#leaving.abort();
    await this.#ended;
  }

  #take(at: number): void {
    this.times.push(at);
    if (this.#waiting?.isOver(this.times) === true) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }
}
