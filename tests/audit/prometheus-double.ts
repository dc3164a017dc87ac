import { createServer } from "node:http";
import type { TestContext } from "node:test";

/** A series that the double has: its labels, `__name__` among them. */
export type Series = Readonly<Record<string, string>>;

/**
 * For tests: a double of Prometheus's HTTP API, as far as names are asked for. A query finds a series when
 * its text has its name, and no other `service`.
 */
export async function startPrometheus(t: TestContext, series: readonly Series[]): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://double");
    const data = answer(pathname, searchParams, series);
    response.writeHead(data === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "success", data }));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function answer(path: string, parameters: URLSearchParams, series: readonly Series[]): unknown {
  const [, wanted] = /__name__="([^"]*)"/.exec(parameters.get("match[]") ?? "") ?? [];
  const matching = series.filter(({ __name__ }) => wanted === undefined || __name__ === wanted);
  const [, label] = /^\/api\/v1\/label\/(\w+)\/values$/.exec(path) ?? [];
  if (label !== undefined) {
    return [...new Set(matching.flatMap((one) => one[label] ?? []))];
  }
  switch (path) {
    case "/api/v1/labels":
      return [...new Set(matching.flatMap((one) => Object.keys(one)))];
    case "/api/v1/query_range": {
      const query = parameters.get("query") ?? "";
      const [, wantedService] = /service="([^"]*)"/.exec(query) ?? [];
      const found = series.filter(
        ({ __name__ = "", service }) =>
          query.includes(__name__) && (wantedService === undefined || service === wantedService),
      );
      return {
        resultType: "matrix",
        result: found.map((metric) => ({ metric, values: [[1, "1"]] })),
      };
    }
    default:
      return undefined;
  }
}
