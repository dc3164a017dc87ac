import { miniserve } from "#miniserve";
import { startEmbeddedStack } from "../index.ts";

/**
 * The embedded stack in a process of its own, on free ports, so that a test can kill it. Its first
 * line of output is `{"ports": …, "rssBytes": …}`. The argument is the data directory.
 */
const [directory = ""] = process.argv.slice(2);
const stack = await startEmbeddedStack([miniserve], {
  dataDirectory: directory,
  ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
  hosts: ["127.0.0.1"],
});
process.stdout.write(
  `${JSON.stringify({ ports: stack.ports, rssBytes: process.memoryUsage.rss() })}\n`,
);
process.once("SIGTERM", () => {
  void stack.close().then(() => process.exit(0));
});
