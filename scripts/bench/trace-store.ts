import { freePorts, type Workplace } from "./workplace.ts";

/** Starts the embedded trace store, as the stack does, and returns where it takes spans. */
export async function startTraceStore(workplace: Workplace): Promise<string> {
  const [tempo = 0, otlpGrpc = 0, otlpHttp = 0, server, grafana] = await freePorts(5);
  const store = workplace.start({
    name: "trace store",
    file: "stack/embedded/main.ts",
    environment: {
      STACK_DIR: workplace.path("store"),
      TEMPO_PORT: String(tempo),
      OTLP_GRPC_PORT: String(otlpGrpc),
      OTLP_HTTP_PORT: String(otlpHttp),
      // It listens on neither, but wants every port of the stack to be another.
      MINISERVE_PORT: String(server),
      GRAFANA_PORT: String(grafana),
      UV_THREADPOOL_SIZE: "16",
    },
  });
  await store.ready(`http://127.0.0.1:${tempo}/ready`);
  return `http://127.0.0.1:${otlpGrpc}`;
}
