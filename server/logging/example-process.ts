import { truncateSync } from "node:fs";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { exampleEvents } from "./example-events.ts";
import { createLogging } from "./logging.ts";

/** A process for the tests: it logs as its first argument says, to the file that its second names. */
const [way, file = "", stdout] = process.argv.slice(2);

let isStopping = false;
process.once("SIGTERM", () => {
  isStopping = true;
});

const logging = createLogging({
  level: "debug",
  logFile: file === "" ? undefined : file,
  stdout: stdout !== "without-stdout",
  maxFileBytes: 50_000,
  maxFiles: 200,
  activeSpanIds: () => undefined,
  events: exampleEvents,
});

function logLoaves(count: number, first = 0): void {
  for (let number = first; number < first + count; number++) {
    logging.log(exampleEvents.loafBaked, { number, flour: "rye" });
  }
}

const ways: Record<string, () => Promise<void>> = {
  async "exit-at-once"() {
    logLoaves(3000);
    logging.logFinal(exampleEvents.bakeryBurnt, { number: 3000 });
    process.exit(7);
  },
  async "fail-at-once"() {
    logging.logFinal(exampleEvents.bakeryBurnt, { number: 0 });
    process.exit(7);
  },
  async "until-sigterm"() {
    let number = 0;
    for (; !isStopping; number++) {
      logLoaves(1, number);
      await turn();
    }
    logging.log(exampleEvents.bakeryBurnt, { number });
    await logging.close();
    process.exit(0);
  },
  async "until-killed"() {
    for (let number = 0; ; number++) {
      logLoaves(1, number);
      await turn();
    }
  },
  async much() {
    for (let number = 0; number < 40_000; number += 100) {
      logLoaves(100, number);
      await turn();
    }
    await logging.close();
    process.exit(0);
  },
  async "full-stdout"() {
    for (let number = 0; number < 100; number++) {
      logLoaves(1, number);
      await turn();
    }
    truncateSync(stdout ?? "", 0);
    await sleep(1100);
    logLoaves(1, 100);
    await logging.close();
  },
  async nothing() {
    await logging.close();
  },
};

await ways[way ?? ""]?.();
