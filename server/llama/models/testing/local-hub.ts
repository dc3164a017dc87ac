import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How a local hub answers; everything can be changed between requests. */
export interface HubBehaviour {
  content: Buffer;
  /** What stands for the content's size and sha256 in the answer to HEAD, as the real hub says it. */
  linked: { size: number; sha256: string } | undefined;
  honoursRanges: boolean;
  status: number;
  /** Offsets of the content at which one download after the other is cut off. */
  cutsAt: number[];
  /** The offset at which a download goes quiet without ending. */
  quietFrom: number;
  /** Accepts connections and never says a word. */
  mute: boolean;
  /** Where a HEAD is redirected to before anything is said about the file. */
  movedTo: string | undefined;
}

export interface LocalHub extends AsyncDisposable {
  readonly url: string;
  readonly behaviour: HubBehaviour;
  /** Every request: method, path, and the range asked for. */
  readonly requests: { method: string; path: string; range: string | undefined }[];
}

/** A real HTTP server on loopback that stands where the Hugging Face hub would. */
export async function startLocalHub(
  content: Buffer,
  changes: Partial<HubBehaviour> = {},
): Promise<LocalHub> {
  const behaviour: HubBehaviour = {
    content,
    linked: undefined,
    honoursRanges: true,
    status: 200,
    cutsAt: [],
    quietFrom: Number.POSITIVE_INFINITY,
    mute: false,
    movedTo: undefined,
    ...changes,
  };
  const requests: LocalHub["requests"] = [];
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    requests.push({ method, path, range: headers.range });
    answer(behaviour, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    behaviour,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(behaviour: HubBehaviour, request: IncomingMessage, response: ServerResponse): void {
  const { content, linked, status, mute, movedTo } = behaviour;
  if (mute) {
    return;
  }
  if (status !== 200) {
    response.writeHead(status).end();
  } else if (movedTo !== undefined && request.url !== movedTo) {
    response.writeHead(307, { location: movedTo }).end();
  } else if (request.method === "HEAD") {
    response.writeHead(linked ? 302 : 200, {
      "content-length": linked ? 0 : content.length,
      etag: '"plain-tag"',
      ...(linked && {
        location: "https://storage.invalid/elsewhere",
        "x-linked-size": linked.size,
        "x-linked-etag": `"${linked.sha256}"`,
      }),
    });
    response.end();
  } else {
    send(behaviour, request, response);
  }
}

function send(behaviour: HubBehaviour, request: IncomingMessage, response: ServerResponse): void {
  const { content, honoursRanges, quietFrom, cutsAt } = behaviour;
  const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const begin = honoursRanges ? asked : 0;
  if (begin >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  response.writeHead(begin > 0 ? 206 : 200, {
    "content-length": content.length - begin,
    ...(begin > 0 && {
      "content-range": `bytes ${begin}-${content.length - 1}/${content.length}`,
    }),
  });
  const cut = cutsAt.shift();
  const end = Math.min(cut ?? content.length, quietFrom);
  const piece = content.subarray(begin, Math.max(begin, end));
  if (end >= content.length) {
    response.end(piece);
  } else {
    response.write(piece, () => cut !== undefined && request.socket.destroySoon());
  }
}
