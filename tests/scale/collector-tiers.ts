/** For tests: an agent and two gateways of the generated configurations, as processes of their own. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePorts, generatedFile, Program, temporaryDirectory } from "../pipeline/program.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";

export interface CollectorTiers {
  /** Where the agent takes spans over HTTP. */
  readonly agentUrl: string;
  /** What each gateway hands on, in the place of Tempo. */
  readonly stores: readonly OtlpReceiver[];
  readonly gateways: readonly Program[];
  /** Where the first gateway takes spans of agents. */
  readonly gatewayAddress: string;
  /** What all of them wrote. */
  readonly output: () => string;
}

interface TierOptions {
  readonly path: string;
  readonly sharePercent: number;
  /** The word that the agent says, where it is not the one that gateways expect. */
  readonly agentToken?: string;
}

const name = "collector-gateway";

/**
 * Everything is as generated but for what a test has not: the addresses of the gateways are given and not
 * looked up, what stands for Tempo takes no TLS, and a decision does not wait five seconds.
 */
export async function startTiers(
  context: TestContext,
  { path, sharePercent, agentToken }: TierOptions,
): Promise<CollectorTiers> {
  const directory = temporaryDirectory(context);
  const certificates = makeCertificates(directory);
  const token = join(directory, "token");
  writeFileSync(token, "the-word");
  const stores = [await OtlpReceiver.start(), await OtlpReceiver.start()];
  context.after(() => Promise.all(stores.map((store) => store.stop())));
  const ports = await freePorts(10);
  const gateways = await Promise.all(
    stores.map((store, index) => {
      const [grpc = 0, health = 0, own = 0] = ports.slice(index * 3);
      return start(context, {
        path,
        files: [
          changed(directory, `gateway-${index}`, "collector-gateway.yaml", (text) =>
            text
              .replace(
                /( {4}endpoint: \$\{env:TEMPO_OTLP.*\n {4}tls:\n)(?: {6}.*\n)+/,
                "$1      insecure: true\n",
              )
              .replace(
                "decision_wait_after_root_received: 5s",
                "decision_wait_after_root_received: 1s",
              ),
          ),
        ],
        health,
        settings: {
          COLLECTOR_OTLP_GRPC: `127.0.0.1:${grpc}`,
          COLLECTOR_HEALTH: `127.0.0.1:${health}`,
          COLLECTOR_METRICS_HOST: "127.0.0.1",
          COLLECTOR_METRICS_PORT: String(own),
          COLLECTOR_DATA_DIR: join(directory, `data-${index}`),
          GATEWAY_CERT_FILE: certificates.certificate,
          GATEWAY_KEY_FILE: certificates.key,
          GATEWAY_TOKEN_FILE: token,
          TEMPO_OTLP: `127.0.0.1:${store.grpcPort}`,
          SAMPLED_PERCENT: String(sharePercent),
          DECISION_WAIT: "4s",
        },
      });
    }),
  );
  const [grpc = 0, http = 0, health = 0, own = 0] = ports.slice(6);
  const said = join(directory, "said");
  writeFileSync(said, agentToken ?? "the-word");
  const addresses = [ports[0], ports[3]].map((port) => `127.0.0.1:${port}`);
  const agent = await start(context, {
    path,
    files: [
      generatedFile("collector.yaml"),
      changed(directory, "agent", "collector-agent.yaml", (text) =>
        text.replace(
          / {6}dns:\n(?: {8}.*\n)+/,
          `      static:\n        hostnames: [${addresses.join(", ")}]\n`,
        ),
      ),
    ],
    health,
    settings: {
      COLLECTOR_OTLP_GRPC: `127.0.0.1:${grpc}`,
      COLLECTOR_OTLP_HTTP: `127.0.0.1:${http}`,
      COLLECTOR_HEALTH: `127.0.0.1:${health}`,
      COLLECTOR_METRICS_PORT: String(own),
      COLLECTOR_DATA_DIR: join(directory, "data-agent"),
      COLLECTOR_LOG_FILES: join(directory, "none*.log"),
      GATEWAY_CA_FILE: certificates.authority,
      GATEWAY_TOKEN_FILE: said,
    },
  });
  return {
    agentUrl: `http://127.0.0.1:${http}`,
    stores,
    gateways,
    gatewayAddress: addresses[0] ?? "",
    output: () => [agent, ...gateways].map(({ output }) => output).join("\n"),
  };
}

interface Start {
  readonly path: string;
  readonly files: readonly string[];
  readonly health: number;
  readonly settings: Record<string, string>;
}

async function start(
  context: TestContext,
  { path, files, health, settings }: Start,
): Promise<Program> {
  const program = await Program.start({
    path,
    arguments: files.map((file) => `--config=${file}`),
    settings,
    readyAt: `http://127.0.0.1:${health}`,
  });
  context.after(() => program.kill());
  return program;
}

/** @throws Error when the change changes nothing: then the generated file is not what it was. */
function changed(
  directory: string,
  to: string,
  from: string,
  change: (text: string) => string,
): string {
  const text = readFileSync(generatedFile(`scale/${from}`), "utf8");
  const result = change(text);
  if (result === text) {
    throw new Error(`Nothing of ${from} was changed.`);
  }
  const file = join(directory, `${to}.yaml`);
  writeFileSync(file, result);
  return file;
}

/** An authority of the test's own, and a certificate that it signed for the name of the gateways. */
function makeCertificates(directory: string) {
  const file = (of: string) => join(directory, of);
  const openssl = (...options: string[]) => execFileSync("openssl", options, { stdio: "ignore" });
  const key = (of: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    file(of),
  ];
  openssl(
    "req",
    "-x509",
    ...key("ca.key"),
    "-out",
    file("ca.crt"),
    "-days",
    "1",
    "-subj",
    "/CN=test",
  );
  openssl("req", ...key("tls.key"), "-out", file("tls.csr"), "-subj", `/CN=${name}`);
  writeFileSync(file("names"), `subjectAltName=DNS:${name}\n`);
  openssl(
    ...["x509", "-req", "-in", file("tls.csr"), "-CA", file("ca.crt"), "-CAkey", file("ca.key")],
    ...["-CAcreateserial", "-out", file("tls.crt"), "-days", "1", "-extfile", file("names")],
  );
  return { authority: file("ca.crt"), certificate: file("tls.crt"), key: file("tls.key") };
}
