import type { z } from "zod";
import { ApiError } from "./errors.ts";

/**
 * A body that may have parameters.
 * @throws ApiError `invalid_body`
 */
export function requireObject(body: unknown): object {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ApiError("invalid_body");
  }
  return body;
}

/**
 * The parameter that is not as it should be.
 * @throws ApiError `missing_parameter` when it is not there at all
 */
export function findParameterAtFault(issues: readonly z.core.$ZodIssue[], body: object): string {
  const parameter = String(issues[0]?.path[0] ?? "");
  if (!(parameter in body)) {
    throw new ApiError("missing_parameter", { parameter });
  }
  return parameter;
}
