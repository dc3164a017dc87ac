import { listPortFaults, type StackConfig, StackError } from "../../../stack/index.ts";
import { type Check, orFine } from "../check.ts";

/** Before anything runs: what would be in the way. */
export function portsCheck(config: StackConfig, withServer: boolean): Check {
  return {
    name: "Ports",
    why: "npm run stack:up starts nothing while one of its ports is taken.",
    look: async () => {
      const names = ["tempo", "otlpGrpc", "otlpHttp", "grafana"] as const;
      const faults = await listPortFaults(config, [
        ...names,
        ...(withServer ? (["server"] as const) : []),
      ]);
      return orFine(
        faults.map((message) => new StackError("port_in_use", { message })),
        "all free.",
      );
    },
  };
}
