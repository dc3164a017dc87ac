import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Span, writeResourceSpans } from "#contract";
import { keepsLinesThroughKill } from "../../stack/deployment/pipeline/collector/log-lines.ts";
import { postJson } from "../support/post-json.ts";
import { freePorts, generatedFile, Program, temporaryDirectory } from "./program.ts";

export interface RunningCollector {
  readonly program: Program;
  readonly grpcEndpoint: string;
  readonly httpEndpoint: string;
  /** The folder of the log files that it reads, which are called `miniserve*.log`. */
  readonly logDirectory: string;
  /** What it sent as log lines: OTLP, as bytes. */
  readonly lines: () => Buffer;
  /** Where its own metrics are, in Prometheus's text format. */
  readonly metricsUrl: string;
  /** What it sent as metrics: OTLP, as bytes. */
  readonly metrics: () => Buffer;
  /** Starts it again on the same folders and ports. */
  readonly restart: () => Promise<Program>;
}

/** The Collector with the generated configuration, and a place for its log lines. */
export async function startCollector(
  context: TestContext,
  options: { readonly path: string; readonly tempo: string },
): Promise<RunningCollector> {
  const directory = temporaryDirectory(context);
  const [grpc = 0, http = 0, health = 0, own = 0] = await freePorts(4);
  const loki = await startSink(context);
  const prometheus = await startSink(context);
  const settings = {
    COLLECTOR_OTLP_GRPC: `127.0.0.1:${grpc}`,
    COLLECTOR_OTLP_HTTP: `127.0.0.1:${http}`,
    COLLECTOR_HEALTH: `127.0.0.1:${health}`,
    COLLECTOR_DATA_DIR: join(directory, "data"),
    COLLECTOR_LOG_FILES: join(directory, "miniserve*.log"),
    TEMPO_OTLP: options.tempo,
    LOKI_OTLP: loki.url,
    PROMETHEUS_OTLP: prometheus.url,
    COLLECTOR_METRICS_PORT: String(own),
  };
  const start = async () => {
    const program = await Program.start({
      path: options.path,
      arguments: ["--config", generatedFile("collector.yaml"), keepsLinesThroughKill],
      settings,
      readyAt: `http://127.0.0.1:${health}`,
    });
    context.after(() => program.stop());
    return program;
  };
  return {
    program: await start(),
    grpcEndpoint: `http://127.0.0.1:${grpc}`,
    httpEndpoint: `http://127.0.0.1:${http}`,
    logDirectory: directory,
    lines: () => Buffer.concat(loki.bodies),
    metricsUrl: `http://127.0.0.1:${own}/metrics`,
    metrics: () => Buffer.concat(prometheus.bodies),
    restart: start,
  };
}

/** Sends spans as one export. @throws Error when they are not acknowledged. */
export async function sendSpans(httpEndpoint: string, spans: readonly Span[]): Promise<void> {
  const document = { resourceSpans: writeResourceSpans(spans, "otlp") };
  const { status, text } = await postJson(`${httpEndpoint}/v1/traces`, document);
  if (status !== 200) {
    throw new Error(`The export was answered with ${status}: ${text}`);
  }
}

/** Takes what would go to Loki, or to Prometheus. */
async function startSink(context: TestContext) {
  const bodies: Buffer[] = [];
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request);
    bodies.push(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  }).listen(0, "127.0.0.1");
  await new Promise((settle) => server.once("listening", settle));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { bodies, url: `http://127.0.0.1:${port}/otlp` };
}
