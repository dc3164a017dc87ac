import { queryHintHeader } from "../../data/tempo-answers.ts";

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
