import type { z } from "zod";
import { ProvisioningError } from "../provisioning-error.ts";

/** An answer of Grafana's in the form that is relied on. @throws ProvisioningError for any other. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  path: string,
): z.infer<Schema> {
  const { data, error } = schema.safeParse(answer);
  if (error !== undefined) {
    const [issue] = error.issues;
    throw new ProvisioningError({
      code: "grafana_unsuitable",
      seen: `The answer of ${path} is not as expected: ${issue?.path.join(".")}: ${issue?.message}.`,
      action: "Is it a Grafana, and one of the versions that docs/provisioning.md names?",
    });
  }
  return data as z.infer<Schema>;
}
