import { namedVariable } from "../../../stack/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";

/** Who reads which variables; the first that is set counts. Written in small letters, they are gRPC's alone. */
const readers = [
  {
    proxy: ["grpc_proxy", "https_proxy", "http_proxy"],
    exceptions: ["no_grpc_proxy", "no_proxy"],
    isActive: () => true,
  },
  {
    proxy: ["http_proxy", "HTTP_PROXY"],
    exceptions: ["no_proxy", "NO_PROXY"],
    // Node's fetch, by which commands ask, reads them only then.
    isActive: () => namedVariable("NODE_USE_ENV_PROXY") === "1",
  },
];

/** @param hosts where spans go to, and where the parts of the stack are. */
export function proxiesCheck(hosts: readonly string[]): Check {
  return {
    name: "Proxies",
    why: "gRPC asks the proxy also for this machine's own addresses, and the proxy cannot reach them: no span arrives.",
    look: () => {
      const findings = readers.flatMap(({ proxy, exceptions, isActive }): Seen[] => {
        const variable = firstSet(proxy);
        const list = namedVariable(firstSet(exceptions) ?? "") ?? "";
        const host = hosts.find((one) => !isLeftOut(one, list));
        return isActive() && variable !== undefined && host !== undefined
          ? [new Finding("proxy_in_the_way", { variable, host })]
          : [];
      });
      return orFine(findings.slice(0, 1), "none is in the way.");
    },
  };
}

function firstSet(variables: readonly string[]): string | undefined {
  return variables.find((name) => namedVariable(name) !== undefined);
}

/** As gRPC compares them: the end of a name is enough, and a star stands for nothing. */
function isLeftOut(host: string, list: string): boolean {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .some((entry) => entry !== "" && host.endsWith(entry));
}
