import { StackError } from "../../../stack/index.ts";

const answerLimitMs = 60_000;

/** Something that answers in JSON over HTTP, for its errors. */
export interface JsonApi {
  /** `Prometheus`. */
  readonly name: string;
  readonly url: string;
}

/**
 * What an API answers; undefined where it refuses what is asked (4xx but for 401 and 403).
 * @throws StackError `source_unreachable`.
 */
export async function askJson(
  { name, url }: JsonApi,
  path: string,
  parameters: URLSearchParams,
): Promise<unknown> {
  const fail = (reason: string) =>
    new StackError("source_unreachable", { name, address: new URL(url).origin, reason });
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}?${parameters}`, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(answerLimitMs),
    });
    text = await response.text();
  } catch (error) {
    const { cause, name: kind } = error as Error;
    throw fail((cause as NodeJS.ErrnoException | undefined)?.code ?? kind);
  }
  const { status } = response;
  if (status >= 400 && status < 500 && status !== 401 && status !== 403) {
    return undefined;
  }
  if (status !== 200) {
    throw fail(`it answered ${status}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw fail("its answer is not JSON");
  }
}

/** Without its names, everything would look dead. */
export function refusedNames(name: string, url: string): StackError {
  const reason = "it does not list its names (is --since longer than it allows?)";
  return new StackError("source_unreachable", { name, address: new URL(url).origin, reason });
}
