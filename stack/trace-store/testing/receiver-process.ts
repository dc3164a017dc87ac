import { startReceiver } from "../receiver/index.ts";

/**
 * A receiver whose spans take for ever to be stored, in a process of its own, so that its memory can
 * be measured. Its first line of output has the ports; for each line of input it writes its resident
 * bytes, now and at most, and what it counted.
 */
const receiver = await startReceiver({
  hosts: ["127.0.0.1"],
  grpcPort: 0,
  httpPort: 0,
  accept: () => new Promise(() => {}),
});
let mostBytes = 0;
setInterval(() => {
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
}, 20);
const { grpcPort, httpPort } = receiver;
process.stdout.write(`${JSON.stringify({ grpcPort, httpPort })}\n`);
process.stdin.on("data", () => {
  const bytes = process.memoryUsage.rss();
  const report = { bytes, mostBytes: Math.max(mostBytes, bytes), counts: receiver.counts() };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
