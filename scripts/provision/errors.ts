import { ProvisioningError } from "../../provisioning/index.ts";
import { StackError } from "../../stack/index.ts";

/** What Grafana's answers mean, as commands of this project say it: nothing was changed. */
export async function asStackErrors<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof ProvisioningError ? stackErrorOf(error) : error;
  }
}

export function stackErrorOf({ code, seen, action }: ProvisioningError): StackError {
  return new StackError({ code, seen, action, exitCode: 2 });
}
