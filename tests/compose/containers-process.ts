/** What answers at the ports of the containers: the embedded store as Tempo, and a double of Grafana. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { miniserve } from "#miniserve";
import { readStackConfig } from "../../stack/config.ts";
import { expectGrafana } from "../../stack/deployment/compose/parts/expected.ts";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";

const { PLANTED_ENGINE: folder = "", PLANTED_DATA: dataDirectory = "" } = process.env;
const { ports } = readStackConfig();
await startEmbeddedStack([miniserve], {
  dataDirectory,
  ports,
  hosts: ["127.0.0.1"],
});
for (const port of [ports.loki, ports.prometheus, ports.collectorHealth]) {
  createServer((_request, response) => response.end("ready")).listen(port, "127.0.0.1");
}
createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://grafana");
  if (pathname === "/explore" && existsSync(join(folder, "explore-is-closed"))) {
    response.writeHead(302, { location: "/?redirectTo=%2Fexplore" }).end();
    return;
  }
  const answer = answers[pathname]?.();
  response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(answer ?? { message: "Not found" }));
}).listen(ports.grafana, "127.0.0.1");

const expected = expectGrafana();

function lost(): string {
  const file = join(folder, "lost");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const answers: Readonly<Record<string, () => unknown>> = {
  "/api/health": () => ({ database: "ok", version: "13.1.3" }),
  "/explore": () => ({}),
  "/api/search": () => expected.dashboards.filter(({ title }) => title !== lost()),
  "/api/frontend/settings": () => ({
    buildInfo: { version: "13.1.3", edition: "Open Source" },
    datasources: Object.fromEntries(
      [...expected.datasources, { uid: "grafana", title: "-- Grafana --" }].map(
        ({ uid, title }) => [title, { uid, type: uid }],
      ),
    ),
  }),
  "/api/prometheus/grafana/api/v1/rules": () => ({
    status: "success",
    data: {
      groups: [
        {
          name: "miniserve-saved-queries",
          rules: expected.rules.map(({ uid, title }) => ({
            uid,
            name: title,
            state: "inactive",
            health: "ok",
          })),
        },
      ],
    },
  }),
};
