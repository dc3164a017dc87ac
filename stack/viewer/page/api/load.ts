import { useEffect, useState } from "preact/hooks";
import { queryHintHeader } from "../../data/tempo-answers.ts";

export type Loaded<Value> =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly error: Error }
  | { readonly phase: "ready"; readonly value: Value };

/**
 * Loads something whenever the key changes, and gives up what is under way when it does.
 * @param round whenever it changes, the same is loaded again; what was there stays until then.
 */
export function useLoaded<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  round = 0,
): Loaded<Value> {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded<Value> }>();
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setLoaded({ key, result: { phase: "ready", value } }),
      (error: Error) => {
        if (!controller.signal.aborted) {
          setLoaded({ key, result: { phase: "failed", error } });
        }
      },
    );
    return () => controller.abort();
  }, [key, round]);
  return loaded?.key === key ? loaded.result : { phase: "loading" };
}

/** A request that failed: what the server said, or that nothing answered. */
class RequestError extends Error {
  override readonly name = "RequestError";
  /** 0 when nothing answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws RequestError, or an AbortError when the signal says so. */
export async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const { answer } = await askJson<Answer>(path, signal === undefined ? {} : { signal });
  return answer;
}

/** The same with what the store says of names in the query that nobody knows. */
export async function getHinted(path: string, signal: AbortSignal): Promise<HintedAnswer<unknown>> {
  return askJson(path, { signal });
}

/** Has the viewer do something. @throws RequestError. */
export async function postJson<Answer>(path: string): Promise<Answer> {
  const { answer } = await askJson<Answer>(path, { method: "POST" });
  return answer;
}

interface HintedAnswer<Answer> {
  readonly answer: Answer;
  readonly hint: string | undefined;
}

async function askJson<Answer>(path: string, options: RequestInit): Promise<HintedAnswer<Answer>> {
  const response = await fetch(path, options).catch((error: Error) => {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new RequestError(0, "The viewer does not answer. Does the stack run?");
  });
  const text = await response.text();
  if (!response.ok) {
    throw new RequestError(response.status, messageIn(text) || `It answered ${response.status}.`);
  }
  const hint = response.headers.get(queryHintHeader) ?? undefined;
  return { answer: JSON.parse(text) as Answer, hint };
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text.trim();
  } catch {
    return text.trim();
  }
}

/** A few queries at once: the store is to answer each soon rather than all late. */
const atOnce = 4;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs work when there is room for it, in the order of calling.
 * @throws the signal's reason when it is given up before its turn.
 */
export async function inTurn<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (running >= atOnce) {
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener("abort", () => {
        const place = waiting.indexOf(resolve);
        if (place !== -1) {
          waiting.splice(place, 1);
          reject(signal.reason);
        }
      });
    });
  }
  running += 1;
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
