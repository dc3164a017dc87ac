import type { TestContext } from "node:test";
import { freePorts, generatedFile, Program, temporaryDirectory } from "./program.ts";

export interface RunningTempo {
  readonly program: Program;
  /** Of its API. */
  readonly url: string;
  /** Where it takes spans over gRPC, as the Collector is told. */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
}

/** Tempo with one of the generated configurations. */
export async function startTempo(
  context: TestContext,
  options: { readonly path: string; readonly purpose: "development" | "production" },
): Promise<RunningTempo> {
  const [api = 0, own = 0, grpc = 0, http = 0, nobody = 0] = await freePorts(5);
  const program = await Program.start({
    path: options.path,
    arguments: [
      "-config.expand-env=true",
      `-config.file=${generatedFile(`tempo/${options.purpose}.yaml`)}`,
    ],
    settings: {
      TEMPO_PORT: String(api),
      TEMPO_GRPC_PORT: String(own),
      TEMPO_OTLP_GRPC: `127.0.0.1:${grpc}`,
      TEMPO_OTLP_HTTP: `127.0.0.1:${http}`,
      TEMPO_DATA_DIR: temporaryDirectory(context),
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
  };
}
