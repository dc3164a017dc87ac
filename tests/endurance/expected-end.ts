import type { ErrorCode } from "../../server/http/errors.ts";
import { type Fault, retrievalFaults } from "./planned-faults.ts";
import type { PlannedRequest } from "./planned-request.ts";

/** The code of an error; undefined for an answer that comes to its end. */
type End = ErrorCode | undefined;

/** How each fault lets an answer end. Those that are reached in decode may come too late. */
const endsByFault: Readonly<Record<Fault, readonly End[]>> = {
  none: [undefined],
  "tokenize throws": ["internal_error"],
  "the queue throws": ["internal_error"],
  "the queue hangs": [],
  "prefill throws": ["generation_failed"],
  "prefill throws after its work": ["internal_error"],
  "prefill hangs": [],
  "decode throws": ["generation_failed", undefined],
  "decode throws after its work": ["internal_error", undefined],
  "decode hangs": [undefined],
  "decode ends early": [undefined],
  "release throws": ["internal_error"],
  "finding the index throws": ["internal_error"],
  "embedding throws": ["retrieval_failed"],
  "embedding hangs": [],
  "searching throws": ["internal_error"],
  "searching is slow": [undefined],
  "ranking throws": ["retrieval_failed"],
  "ranking hangs": [],
  // Where no passage was found, none is fitted.
  "fitting the passages throws": ["internal_error", undefined],
};
/** What ends a request before the server looks whether it can be taken. */
const faultsBeforeRefusal: readonly Fault[] = ["tokenize throws", "finding the index throws"];
/** Busy slots and time that is over can meet any request that is good so far. */
const always: readonly End[] = ["queue_full", "request_timeout"];
const failures: readonly string[] = [
  "internal_error",
  "generation_failed",
  "retrieval_failed",
] satisfies ErrorCode[];

/** How the answer to a request may end that nobody interrupts. */
export function expectedEnds(plan: PlannedRequest): readonly (string | undefined)[] {
  const { code } = plan.content;
  const fault = faultMetBy(plan);
  if (code === undefined) {
    return [...endsByFault[fault], ...always];
  }
  return [code, ...(faultsBeforeRefusal.includes(fault) ? endsByFault[fault] : []), ...always];
}

/** None where the engine does not know the request, or where the request asks for no passages. */
function faultMetBy({ fault: { fault }, parent, content: { body } }: PlannedRequest): Fault {
  const isRetrieving = typeof body !== "string" && body.retrieval !== undefined;
  const isMet = isRetrieving || !retrievalFaults.some((one) => one === fault);
  return parent === "valid" && isMet ? fault : "none";
}

/** The outcomes of requests whose clients were told this. */
export function outcomesToldAs(code: string | undefined): readonly string[] {
  switch (code) {
    case undefined:
      return ["completed"];
    // Told at once, while its work went on; and what that threw afterwards outweighs it.
    case "request_timeout":
      return ["timeout", "failed"];
    case "shutting_down":
      return ["shutdown", "rejected", "failed"];
    default:
      return failures.includes(code) ? ["failed"] : ["rejected"];
  }
}
