/** For tests: what a stranger may send, and a peer of every kind that sends it. */
import { createServer } from "node:http";
import type { TestContext } from "node:test";

export const secret = "hunter2secret";

/** What a terminal or a reader would obey, credentials in several spellings, and more than fits anywhere. */
export const hostileText = [
  "\u001b[2J\u001b]0;owned\u0007",
  "\u0000\b\n\r\t",
  "\u009b31m\u0085\u007f",
  "\u202eevil\u2066\u200b\u200f\ufeff\u2028",
  ` http://me:${secret}@host Authorization: Bearer ${secret} api_key=${secret} `,
  "long".repeat(2_000),
].join("");

export const hostileTraceId = "0af7651916cd43dd8448eb211c80319c";

const text = (value: string) => ({ stringValue: value });
const start = 1_700_000_000_000_000_000n;

/** A trace of OTLP JSON in which every text is a stranger's. */
export function hostileTrace(service = hostileText) {
  const attribute = { key: hostileText, value: text(hostileText) };
  const nested = { key: "list", value: { arrayValue: { values: [text(hostileText)] } } };
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: text(service) }, attribute] },
        scopeSpans: [
          {
            scope: { name: hostileText, version: hostileText },
            spans: [
              {
                traceId: hostileTraceId,
                spanId: "00f067aa0ba902b7",
                traceState: hostileText,
                name: hostileText,
                startTimeUnixNano: String(start),
                endTimeUnixNano: String(start + 1_000_000n),
                status: { code: 2, message: hostileText },
                attributes: [attribute, nested],
                events: [
                  { timeUnixNano: String(start), name: hostileText, attributes: [attribute] },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
}

const found = {
  traces: [
    {
      traceID: hostileTraceId,
      rootServiceName: hostileText,
      rootTraceName: hostileText,
      startTimeUnixNano: String(start),
      durationMs: 1,
      spanSets: [
        {
          matched: 1,
          spans: [
            {
              spanID: hostileText,
              name: hostileText,
              startTimeUnixNano: String(start),
              durationNanos: "1000000",
              attributes: [{ key: hostileText, value: text(hostileText) }],
            },
          ],
        },
      ],
    },
  ],
};

const labels = [{ key: hostileText, value: text(hostileText) }];
const measured = {
  series: [
    { labels, promLabels: hostileText, value: 1, samples: [{ timestampMs: "1", value: 1 }] },
  ],
};

/** Answers as a Tempo, a server of ours and a store that is asked to export; all else it refuses. */
function answerTo(path: string, query: string): { status: number; body: unknown } {
  if (query.includes("refuse")) {
    return { status: 400, body: hostileText };
  }
  switch (true) {
    case path === "/api/echo":
      return { status: 200, body: "echo" };
    case path === "/readyz":
    case path === "/ready":
      return { status: 200, body: { status: "degraded", model: hostileText } };
    case path.startsWith("/api/v2/traces/"):
      return { status: 200, body: { trace: hostileTrace() } };
    case path === "/api/search":
      return { status: 200, body: found };
    case path.startsWith("/api/metrics/"):
      return { status: 200, body: measured };
    case path === "/export/parquet":
      return { status: 200, body: `${JSON.stringify({ error: hostileText })}\n` };
    case path.startsWith("/v1/"):
      return {
        status: 200,
        body: { id: hostileText, model: hostileText, choices: [{ finish_reason: hostileText }] },
      };
    default:
      return { status: 400, body: { message: hostileText, error: { code: hostileText } } };
  }
}

/** Listens until the test ends. @returns its address. */
export async function startHostilePeer(context: TestContext): Promise<string> {
  const peer = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://peer");
    const { status, body } = answerTo(pathname, decodeURIComponent(search));
    request.resume();
    response.writeHead(status, { "x-trace-id": hostileTraceId });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((listening) => peer.listen(0, "127.0.0.1", listening));
  context.after(() => {
    peer.closeAllConnections();
    peer.close();
  });
  return `http://127.0.0.1:${(peer.address() as { port: number }).port}`;
}
