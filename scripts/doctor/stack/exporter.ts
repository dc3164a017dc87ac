import { CodedError } from "#errors";
import { startFaults } from "../../../server/index.ts";
import { namedVariable } from "../../../stack/index.ts";
import { type Check, fine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import { isContainer } from "../machine/dependencies.ts";
import { exporterVariable } from "../settings/exporter-address.ts";
import { isHad, type Subject } from "../subject.ts";
import { askProtocol } from "./spoken-protocol.ts";

/** Where spans go that a program of this shell sends: the address is there and speaks its protocol. */
export function exporterCheck({ config, health, hasServer }: Subject): Check {
  return {
    name: "Exporter",
    why: "An exporter that reaches nothing loses its spans, and says so only in its own log.",
    look: async () => {
      const variable = exporterVariable();
      const state = health?.state ?? null;
      const text = namedVariable(variable ?? "") ?? state?.otlpGrpcUrl;
      if (text === undefined) {
        const why = isHad(config) ? "no stack runs" : "the settings are invalid";
        return skipped(`${why}, and no OTEL_EXPORTER_OTLP_ENDPOINT is set.`);
      }
      const address = URL.parse(text);
      if (address === null || !/^https?:$/.test(address.protocol)) {
        return new CodedError("otlp_exporter_invalid", startFaults.otlp_exporter_invalid);
      }
      const wanted = wantedProtocol(address, hasServer);
      const found = await judge(address, wanted, variable);
      const own = state === null ? [] : [state.otlpGrpcUrl, state.otlpHttpUrl];
      const isElsewhere = variable !== undefined && state !== null && !own.some(isSame(address));
      return isElsewhere
        ? [new Finding("exporter_elsewhere", { variable, address: address.origin }), found]
        : found;
    },
  };
}

/** The server of this project sends over gRPC only; an SDK that is told nothing, by its port. */
function wantedProtocol({ port }: URL, hasServer: boolean): "grpc" | "http" {
  const told =
    namedVariable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ??
    namedVariable("OTEL_EXPORTER_OTLP_PROTOCOL");
  if (hasServer || told === "grpc") {
    return "grpc";
  }
  return told?.startsWith("http") === true || port === "4318" ? "http" : "grpc";
}

const names = { grpc: "OTLP over gRPC", http: "HTTP", "another protocol": "another protocol" };

async function judge(
  address: URL,
  wanted: "grpc" | "http",
  variable: string | undefined,
): Promise<Seen> {
  const shown = address.origin;
  const spoken = await askProtocol(address);
  if ("reason" in spoken) {
    const { reason } = spoken;
    return new Finding("exporter_unreachable", {
      address: shown,
      reason,
      advice: advice(variable, reason),
    });
  }
  if (spoken.protocol !== wanted) {
    return new Finding("exporter_protocol_wrong", {
      address: shown,
      wanted: names[wanted],
      spoken: names[spoken.protocol],
    });
  }
  return await judgePath(address, wanted, variable);
}

function advice(variable: string | undefined, reason: string): string {
  if (reason === "ERR_SSL_WRONG_VERSION_NUMBER" || reason === "EPROTO") {
    return `What is there speaks no TLS: write http:// instead of https:// in ${variable}.`;
  }
  if (/CERT|SIGNATURE/.test(reason)) {
    return "Its certificate is not trusted: OTEL_EXPORTER_OTLP_CERTIFICATE names the file of its authority; for Node NODE_EXTRA_CA_CERTS too.";
  }
  const container = isContainer()
    ? " This is a container, where localhost is the container: the machine around it is often host.docker.internal."
    : "";
  return variable === undefined
    ? "npm run stack:status says whether the store runs."
    : `Start what ${variable} names, correct it, or unset it for the stack's own store.${container}`;
}

const answerLimitMs = 3_000;

/** gRPC has no path; over HTTP the SDK adds one to the general address. */
async function judgePath(
  address: URL,
  wanted: "grpc" | "http",
  variable: string | undefined,
): Promise<Seen> {
  const path = address.pathname.replace(/\/+$/, "");
  if (wanted === "grpc") {
    return path.endsWith("/v1/traces")
      ? new Finding("exporter_path_wrong", { address: withoutLogin(address), status: "gRPC" })
      : fine(`${names.grpc} is at ${address.origin}.`);
  }
  const isExact = variable === "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const target = new URL(isExact ? address.pathname : `${path}/v1/traces`, address.origin);
  // An SDK sends by POST. To a GET, who takes spans there says that it does not like the method.
  const status = await askStatus(target);
  return status === 404
    ? new Finding("exporter_path_wrong", { address: target.href, status: "404" })
    : fine(`OTLP over HTTP is at ${target.href}.`);
}

/** Undefined where it does not say: that something speaks HTTP there is known already. */
async function askStatus(target: URL): Promise<number | undefined> {
  try {
    return (await fetch(target, { signal: AbortSignal.timeout(answerLimitMs) })).status;
  } catch {
    return undefined;
  }
}

function withoutLogin(address: URL): string {
  return `${address.origin}${address.pathname}`;
}

function isSame(address: URL): (other: string) => boolean {
  const name = (url: URL) => url.host.replace(/^(localhost|\[::1\])(?=:|$)/, "127.0.0.1");
  return (other) => name(new URL(other)) === name(address);
}
