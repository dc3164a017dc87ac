import { namedVariable } from "../../../stack/index.ts";
import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";

/** Who reads which variables; the first that is set counts. */
const readers = [
  {
    proxy: ["grpc_proxy", "https_proxy", "http_proxy"],
    exceptions: ["no_grpc_proxy", "no_proxy"],
    isActive: () => true,
    // The stack tells its own server not to.
    isOurs: false,
  },
  {
    proxy: ["http_proxy", "HTTP_PROXY"],
    exceptions: ["no_proxy", "NO_PROXY"],
    // Node's fetch, by which commands ask, reads them only then.
    isActive: () => namedVariable("NODE_USE_ENV_PROXY") === "1",
    isOurs: true,
  },
  {
    proxy: ["http_proxy", "HTTP_PROXY"],
    exceptions: ["no_proxy", "NO_PROXY"],
    // Libraries of Python read both for OTLP over HTTP.
    isActive: () => true,
    isOurs: false,
  },
];

/** @param exportHost where spans go to by this shell's variables. */
export function proxiesCheck(exportHost: string | undefined): Check {
  return {
    name: "Proxies",
    why: "gRPC asks the proxy also for this machine's own addresses, and the proxy cannot reach them: no span arrives.",
    look: () => {
      const findings = readers.flatMap((reader) => judge(reader, exportHost));
      const worst = findings.find(({ exitCode }) => exitCode > 0) ?? findings[0];
      return worst ?? fine("none is in the way.");
    },
  };
}

const ownHosts = ["127.0.0.1", "localhost"];

function judge(
  { proxy, exceptions, isActive, isOurs }: (typeof readers)[number],
  exportHost: string | undefined,
): Finding[] {
  const variable = isActive() ? firstSet(proxy) : undefined;
  if (variable === undefined) {
    return [];
  }
  const list = namedVariable(firstSet(exceptions) ?? "") ?? "";
  const caught = [...(exportHost === undefined ? [] : [exportHost]), ...ownHosts].find(
    (host) => !isLeftOut(host, list),
  );
  if (caught === undefined) {
    return [];
  }
  const values = { variable, host: caught, exception: exceptions.at(-1) ?? "" };
  return isOurs || caught === exportHost
    ? [new Finding("proxy_in_the_way", values)]
    : [new Finding("proxy_before_localhost", values)];
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
