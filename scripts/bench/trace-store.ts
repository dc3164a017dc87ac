import { join } from "node:path";
import { storeProcess } from "../../stack/index.ts";
import { type BenchDir, freePorts } from "./bench-dir.ts";
import type { RunningProgram } from "./running-program.ts";

export interface TraceStore {
  readonly program: RunningProgram;
  /** Its API, which is Tempo's. */
  readonly url: string;
  readonly otlpGrpcPort: number;
  readonly otlpGrpcUrl: string;
  /** Where it keeps its spans, and nothing else. */
  readonly dataDirectory: string;
}

/** Starts the embedded trace store, as the stack does, with nothing in it. */
export async function startTraceStore(workplace: BenchDir): Promise<TraceStore> {
  const [tempo = 0, otlpGrpc = 0, otlpHttp = 0, server, grafana] = await freePorts(5);
  const directory = workplace.path("store");
  const program = workplace.start({
    name: "trace store",
    file: "stack/trace-store/main.ts",
    nodeOptions: storeProcess.nodeOptions,
    environment: {
      STACK_DIR: directory,
      TEMPO_PORT: String(tempo),
      OTLP_GRPC_PORT: String(otlpGrpc),
      OTLP_HTTP_PORT: String(otlpHttp),
      // It listens on neither, but wants every port of the stack to be another.
      MINISERVE_PORT: String(server),
      GRAFANA_PORT: String(grafana),
      ...storeProcess.environment,
    },
  });
  const url = `http://127.0.0.1:${tempo}`;
  await program.ready(`${url}/ready`);
  return {
    program,
    url,
    otlpGrpcPort: otlpGrpc,
    otlpGrpcUrl: `http://127.0.0.1:${otlpGrpc}`,
    dataDirectory: join(directory, "data"),
  };
}
