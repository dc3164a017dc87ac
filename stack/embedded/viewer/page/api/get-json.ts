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
  return askJson(path, signal === undefined ? {} : { signal });
}

/** Has the viewer do something. @throws RequestError. */
export async function postJson<Answer>(path: string): Promise<Answer> {
  return askJson(path, { method: "POST" });
}

async function askJson<Answer>(path: string, options: RequestInit): Promise<Answer> {
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
  return JSON.parse(text) as Answer;
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text.trim();
  } catch {
    return text.trim();
  }
}
