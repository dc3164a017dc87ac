/** For tests: services as a configuration names them. */
import configuration from "#configuration";
import { type Contract, defineService, type Services } from "#contract";
import { miniserve } from "#miniserve";
import checkout from "../../examples/checkout/miniserve.config.ts";

/** The services that this project has: its own and those of its examples. */
export const everyService: Services = [...configuration.services, ...checkout.services];

/** The configuration of one contract; one with miniserve's words has its dashboards, too. */
export function toServices(...contracts: readonly Contract[]): Services {
  const [first, ...more] = contracts.map((contract) =>
    defineService({ contract, ...(hasWordsOfMiniserve(contract) ? { dashboards } : {}) }),
  );
  if (first === undefined) {
    throw new RangeError("A configuration names a service or more.");
  }
  return [first, ...more];
}

// The module is made for miniserve's contract, and builds of any that has the same words.
const dashboards = async () => (await import("../../dashboards/miniserve/miniserve.ts")) as never;

function hasWordsOfMiniserve({ spans }: Contract): boolean {
  return Object.keys(spans).join() === Object.keys(miniserve.spans).join();
}
