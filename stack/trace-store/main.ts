import { join } from "node:path";
import { CodedError } from "#errors";
import { toSystemError } from "../command/command.ts";
import { loopbackHosts, readStackConfig } from "../config.ts";
import { outlastFullDisk } from "../outlast-full-disk.ts";
import { keepFilesPrivate, privacySentences } from "../private-files.ts";
import { chosenServices } from "../services.ts";
import { type EmbeddedEvent, startEmbeddedStack } from "./index.ts";
import { outcomeList } from "./receiver/index.ts";
import { StoreError } from "./store/index.ts";

/**
 * The process of the embedded trace store. Who starts it sets UV_THREADPOOL_SIZE, which has to be
 * there before the process does anything.
 */
await main().catch(fail);

async function main(): Promise<void> {
  keepFilesPrivate();
  outlastFullDisk();
  const { directory, ports, store, allowed } = readStackConfig();
  const contracts = (await chosenServices()).map(({ contract }) => contract);
  const stack = await startEmbeddedStack(contracts, {
    dataDirectory: join(directory, "data"),
    ports,
    hosts: loopbackHosts,
    allowed,
    ...store,
    onEvent: (event) => {
      if (event.type === "privacy_mended") {
        privacySentences(event).forEach(printLine);
        return;
      }
      printLine(formatEvent(event));
      if ("code" in event && event.code === "store_halted") {
        // What watches this process starts it again.
        fail(new StoreError("store_halted"));
      }
    },
  });
  const { tempo, otlpGrpc, otlpHttp } = stack.ports;
  printLine(`The store listens: Tempo API ${tempo}, OTLP gRPC ${otlpGrpc}, OTLP HTTP ${otlpHttp}.`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void stop(stack, signal));
  }
}

async function stop(stack: { close(): Promise<void> }, signal: string): Promise<void> {
  printLine(`${signal}: the store stops.`);
  // A call into the database that never comes back must not keep the process.
  setTimeout(() => fail(new Error("The store did not stop in time.")), 15_000).unref();
  try {
    await stack.close();
    printLine("The store has stopped; all that it acknowledged is on disk.");
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function printLine(sentence: string): void {
  process.stdout.write(`${new Date().toISOString()} ${sentence}\n`);
}

function formatEvent(event: Exclude<EmbeddedEvent, { type: "privacy_mended" }>): string {
  switch (event.type) {
    case "host_missing":
      return `This machine has no ${event.host}; the other addresses are served.`;
    case "spans_filtered": {
      const removed = Object.entries(event.removed).map(([kind, count]) => `${kind} (${count})`);
      const parts = [
        { what: "refused", list: outcomeList(event.outcomes, { isRefusal: true }) },
        { what: "changed", list: outcomeList(event.outcomes, { isRefusal: false }) },
        { what: "removed by the allow-list", list: removed.join(", ") },
      ].filter(({ list }) => list !== "");
      const listed = parts.map(({ what, list }) => `${what}: ${list}`).join("; ");
      return `Not all that came in was stored as it was sent. ${listed}.`;
    }
    case "append_failed":
      return `Spans were not stored and will be sent again (${event.code}): ${event.message}`;
    case "read_failed":
      return `A trace could not be read (${event.code}): ${event.message}`;
    case "spans_deleted":
      return `${event.spans} spans that started before ${new Date(event.startedBeforeMs).toISOString()} were deleted, because of ${retentionWords[event.reason]}.`;
    case "upkeep_failed":
      return `A checkpoint or the deleting of old spans failed and will be tried again (${event.code}): ${event.message}`;
    default:
      return event satisfies never;
  }
}

const retentionWords = {
  age: "their age (STACK_KEEP_HOURS)",
  size: "the size of the store (STACK_SIZE_LIMIT_MIB)",
} as const;

function fail(thrown: unknown): never {
  const error = toSystemError(thrown) ?? thrown;
  if (error instanceof CodedError) {
    printLine(error.toLine());
    process.exit(error.exitCode);
  }
  printLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
