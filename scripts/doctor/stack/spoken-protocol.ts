import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** What is at an address: gRPC's HTTP/2, HTTP/1, something else, or nothing, with the reason. */
export type Spoken =
  | { readonly protocol: "grpc" | "http" | "another protocol" }
  | { readonly reason: string };

const answerLimitMs = 3_000;
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** A frame of settings without any: its length, its type 4, no flags, stream 0. */
const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** Says hello as gRPC does, and looks at how the first bytes of the answer begin. Sends no span. */
export function askProtocol({ protocol, hostname, port }: URL): Promise<Spoken> {
  const isEncrypted = protocol === "https:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const number = Number(port) || (isEncrypted ? 443 : 80);
  return new Promise((resolve) => {
    const socket: Socket = isEncrypted
      ? connectTls({
          host,
          port: number,
          // An address has no name to show a certificate for.
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ALPNProtocols: ["h2", "http/1.1"],
        })
      : connectPlain({ host, port: number });
    const end = (spoken: Spoken) => {
      socket.destroy();
      resolve(spoken);
    };
    socket.setTimeout(answerLimitMs, () => end({ reason: "no answer in time" }));
    socket.once("error", (error: NodeJS.ErrnoException) => end({ reason: codeOf(error) }));
    socket.once("close", () => end({ reason: "the connection was closed" }));
    socket.once(isEncrypted ? "secureConnect" : "connect", () =>
      socket.write(Buffer.concat([http2Preface, emptySettings])),
    );
    socket.once("data", (bytes: Buffer) => end({ protocol: readProtocol(bytes) }));
  });
}

/** `localhost` is tried at each of its addresses, and their errors are within the one that is told. */
function codeOf(error: NodeJS.ErrnoException | AggregateError): string {
  const [first] =
    error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  return (first as NodeJS.ErrnoException | undefined)?.code ?? "unknown";
}

const settingsFrameType = 4;

function readProtocol(bytes: Buffer): "grpc" | "http" | "another protocol" {
  if (bytes.subarray(0, 5).toString("latin1") === "HTTP/") {
    return "http";
  }
  return bytes[3] === settingsFrameType ? "grpc" : "another protocol";
}
