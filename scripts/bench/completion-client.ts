import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** What came back for a request. Times are of `performance.now()`. */
export interface Completion {
  readonly sentAt: number;
  /** When each piece of text arrived. Without a stream: once, with everything. */
  readonly pieceTimes: readonly number[];
  readonly endedAt: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

interface CompletionOptions {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly stream: boolean;
  /** Called with each piece of a stream, as it comes. */
  readonly onPiece?: (at: number) => void;
  readonly signal?: AbortSignal;
}

interface Chunk {
  readonly choices?: readonly { readonly text?: string }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  } | null;
}

/** A client of /v1/completions that does as little as it can, over connections that are kept. */
export class CompletionClient {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error when the answer is not 200, or the connection breaks. */
  async complete(options: CompletionOptions): Promise<Completion> {
    const { stream, onPiece } = options;
    const sentAt = performance.now();
    const response = await this.#send(options);
    if (response.statusCode !== 200) {
      throw new Error(`The server answered ${response.statusCode}: ${await text(response)}`);
    }
    const pieceTimes: number[] = [];
    let usage: Chunk["usage"];
    const take = (json: string): void => {
      const chunk = JSON.parse(json) as Chunk;
      usage = chunk.usage ?? usage;
      if ((chunk.choices?.[0]?.text ?? "") === "") {
        return;
      }
      const at = performance.now();
      pieceTimes.push(at);
      onPiece?.(at);
    };
    if (stream) {
      await readEvents(response, take);
    } else {
      take(await text(response));
    }
    if (!usage) {
      throw new Error("The server's answer has no usage.");
    }
    return {
      sentAt,
      pieceTimes,
      endedAt: performance.now(),
      promptTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details.cached_tokens,
      completionTokens: usage.completion_tokens,
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send({ prompt, maxTokens, stream, signal }: CompletionOptions): Promise<IncomingMessage> {
    const body = JSON.stringify({
      prompt,
      max_tokens: maxTokens,
      temperature: 0,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    });
    return new Promise((resolve, reject) => {
      const sent = request({
        host: "127.0.0.1",
        port: this.#port,
        path: "/v1/completions",
        method: "POST",
        agent: this.#agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        ...(signal === undefined ? {} : { signal }),
      });
      sent.once("response", resolve);
      sent.once("error", reject);
      sent.end(body);
    });
  }
}

/** Server-sent events, each with one line of data, up to the one that says that all was said. */
async function readEvents(response: IncomingMessage, take: (data: string) => void): Promise<void> {
  let rest = "";
  let isDone = false;
  response.setEncoding("utf8");
  for await (const received of response as AsyncIterable<string>) {
    const events = (rest + received).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = event.slice("data: ".length);
      if (data === "[DONE]") {
        isDone = true;
      } else {
        take(data);
      }
    }
  }
  if (!isDone) {
    throw new Error("The server's stream ended before its end.");
  }
}

/** Words that are common enough to be about a token each in any vocabulary of English. */
const words = (
  "river stone garden winter morning letter window market bridge forest summer village paper " +
  "silver mountain kitchen island doctor teacher farmer captain engine harbor valley candle " +
  "mirror basket ladder hammer blanket shadow thunder orchard meadow castle lantern pocket feather " +
  "barrel copper wagon pepper button rabbit saddle temple turtle violin walnut yellow anchor butter " +
  "carpet dragon falcon ginger helmet insect jacket kettle lemon magnet needle oyster"
).split(" ");

/**
 * Prompts of which each begins with another word than the last sixty: none of them finds a beginning
 * of itself in the cache of an earlier one. The same seed gives the same prompts.
 */
export class Prompts {
  #state: number;
  #count = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Asks for a text that goes on for long. */
  story(): string {
    const [one, two, three] = [this.#opening(), this.#word(), this.#word()];
    return (
      `${one} and ${two}: the whole story of the ${three}, told slowly and with every detail, from the ` +
      "first day to the last. Chapter one. It was early in the day when"
    );
  }

  /** So many words in no order. */
  ofWords(count: number): string {
    return [this.#opening(), ...Array.from({ length: count - 1 }, () => this.#word())].join(" ");
  }

  #opening(): string {
    const word = words[this.#count % words.length] as string;
    this.#count += 1;
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  /** A linear congruential generator is random enough to mix words. */
  #word(): string {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return words[Math.floor((this.#state / 2 ** 32) * words.length)] as string;
  }
}
