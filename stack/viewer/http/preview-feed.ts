import type { ServerResponse } from "node:http";
import type { PreviewState } from "../data/preview.ts";

/** Tells every open page what the preview shows, as server-sent events: the last state at once. */
export class PreviewFeed {
  readonly #listeners = new Set<ServerResponse>();
  #state: PreviewState;

  constructor(state: PreviewState) {
    this.#state = state;
  }

  get state(): PreviewState {
    return this.#state;
  }

  tell(state: PreviewState): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      listener.write(formatEvent(state));
    }
  }

  /** Keeps the response open until the page or the preview ends. */
  answer(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: ${askAgainMs}\n\n${formatEvent(this.#state)}`);
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
  }

  close(): void {
    for (const listener of this.#listeners) {
      listener.end();
    }
  }
}

/** How soon a page asks again when the preview has ended, as it does before it starts anew. */
const askAgainMs = 1_000;

function formatEvent(state: PreviewState): string {
  return `data: ${JSON.stringify(state)}\n\n`;
}
