/** For tests: a server and the receiver of its spans, for all tests of a `describe`. */
import { after, before } from "node:test";
import OpenAI from "openai";
import { type InProcessOptions, InProcessServer } from "./in-process-server.ts";
import { OtlpReceiver } from "./otlp-receiver.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { assertNoComplaints } from "./request-record.ts";
import { type LogLine, type ServerOptions, ServerProcess } from "./server-process.ts";

export interface Running<Server> {
  readonly server: Server;
  readonly receiver: OtlpReceiver;
  /** OpenAI's own client, which asks once. */
  readonly client: OpenAI;
}

type Use<Server> = (running: Running<Server>) => unknown;

/** Starts a server in a process of its own; in the end it must have no complaints about itself. */
export function withServer(
  options: Omit<ServerOptions, "receiver">,
  use: Use<ServerProcess>,
): void {
  whileRunning((receiver) => ServerProcess.start({ ...options, receiver }), {
    use,
    stop: (server) => server.dispose(),
  });
}

/** The same with the server's parts in this process, some of them wrapped. */
export function withInProcessServer(
  options: Omit<InProcessOptions, "receiver">,
  use: Use<InProcessServer>,
): void {
  whileRunning((receiver) => InProcessServer.start({ ...options, receiver }), {
    use,
    stop: (server) => server.stop(),
  });
}

interface Recorded {
  /** Its log is at level debug. */
  readonly server: ServerProcess;
  readonly receiver: OtlpReceiver;
  readonly proxy: RecordingProxy;
}

/** Starts a server whose exports pass a recorder on their way to the receiver. Nothing is asked of it in the end. */
export function withRecordedServer(
  { settings = {}, ...options }: Omit<ServerOptions, "receiver">,
  use: (running: Recorded) => unknown,
): void {
  let running: Recorded;
  before(async () => {
    const receiver = await OtlpReceiver.start();
    const proxy = await RecordingProxy.start(receiver.grpcEndpoint);
    const server = await ServerProcess.start({
      ...options,
      receiver: proxy,
      settings: { MINISERVE_LOG_LEVEL: "debug", ...settings },
    });
    running = { server, receiver, proxy };
    await use(running);
  });
  after(async () => {
    await running.server.dispose();
    await running.proxy.stop();
    await running.receiver.stop();
  });
}

interface Watched {
  readonly url: string;
  readonly lines: readonly LogLine[];
}

function whileRunning<Server extends Watched>(
  start: (receiver: OtlpReceiver) => Promise<Server>,
  { use, stop }: { use: Use<Server>; stop: (server: Server) => Promise<unknown> },
): void {
  let receiver: OtlpReceiver;
  let server: Server;
  before(async () => {
    receiver = await OtlpReceiver.start();
    server = await start(receiver);
    const baseURL = `${server.url}/v1`;
    await use({ server, receiver, client: new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 }) });
  });
  after(async () => {
    assertNoComplaints(server.lines);
    await stop(server);
    await receiver.stop();
  });
}
