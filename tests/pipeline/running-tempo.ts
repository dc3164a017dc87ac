import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePorts, generatedFile, Program, temporaryDirectory } from "./program.ts";

export interface RunningTempo {
  readonly program: Program;
  /** Of its API. */
  readonly url: string;
  /** Where it takes spans over gRPC, as the Collector is told. */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  /** Where it stores everything. */
  readonly directory: string;
}

interface TempoOptions {
  readonly path: string;
  readonly purpose: "development" | "production";
  /** What is set otherwise than in the generated file. */
  readonly change?: (configuration: string) => string;
}

/** Tempo with one of the generated configurations. */
export async function startTempo(
  context: TestContext,
  { path, purpose, change = (configuration) => configuration }: TempoOptions,
): Promise<RunningTempo> {
  const [api = 0, own = 0, grpc = 0, http = 0, nobody = 0] = await freePorts(5);
  const directory = temporaryDirectory(context);
  const file = join(directory, "tempo.yaml");
  writeFileSync(file, change(readFileSync(generatedFile(`tempo/${purpose}.yaml`), "utf8")));
  const program = await Program.start({
    path,
    arguments: ["-config.expand-env=true", `-config.file=${file}`],
    settings: {
      TEMPO_PORT: String(api),
      TEMPO_GRPC_PORT: String(own),
      TEMPO_OTLP_GRPC: `127.0.0.1:${grpc}`,
      TEMPO_OTLP_HTTP: `127.0.0.1:${http}`,
      TEMPO_DATA_DIR: join(directory, "data"),
      PROMETHEUS_REMOTE_WRITE: `http://127.0.0.1:${nobody}/api/v1/write`,
    },
    readyAt: `http://127.0.0.1:${api}/ready`,
  });
  // Asked to stop, a Tempo that was queried may hang; nothing here needs a good end of it.
  context.after(() => program.kill());
  return {
    program,
    url: `http://127.0.0.1:${api}`,
    otlpGrpc: `127.0.0.1:${grpc}`,
    otlpHttp: `http://127.0.0.1:${http}`,
    directory,
  };
}
