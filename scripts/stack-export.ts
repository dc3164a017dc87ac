import { relative, resolve } from "node:path";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  exportStore,
  readStackConfig,
  runCommand,
  StackError,
  serviceOptions,
} from "../stack/index.ts";
import { rangeUntilNow } from "./query/arguments.ts";

const options = {
  config: serviceOptions.config,
  parquet: { type: "string", value: "DIR", does: "The output folder; created if missing." },
  since: {
    type: "string",
    value: "DURATION",
    does: "Only spans of this recent period: 6h, 2d.",
  },
} as const;

await runCommand({
  name: "npm run stack:export",
  summary:
    "Writes the content of the trace store as Parquet: spans-00001.parquet …, resources.parquet and\n" +
    "scopes.parquet. The stack may run or not.",
  options,
  examples: [["npm run stack:export -- --parquet spans --since 2d", "the last two days"]],
  exitCodes: [
    "The export is complete.",
    "The export stopped early. The files written so far are complete.",
    "It could not run: invalid options or settings, no store, or an unusable output folder.",
  ],
  run: exportAll,
});

async function exportAll(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { say, options: given } = call;
  if (given.parquet === undefined) {
    throw new StackError("usage_invalid", {
      message: "It is not said where to write.",
      hint: "Give a folder: npm run stack:export -- --parquet DIR",
    });
  }
  const folder = resolve(given.parquet);
  const contracts = (await chosenServices(given)).map(({ contract }) => contract);
  const { from, files } = await exportStore(contracts, readStackConfig(), {
    folder,
    sinceNs:
      given.since === undefined ? null : BigInt(rangeUntilNow(given.since).start) * 1_000_000_000n,
    onFile: ({ path, rows, bytes }) => {
      const megabytes = (bytes / 1e6).toFixed(1);
      say(`${relative(process.cwd(), path)}: ${rows.toLocaleString("en")} rows, ${megabytes} MB`);
    },
  });
  const spans = files.reduce((sum, { table, rows }) => sum + (table === "spans" ? rows : 0), 0);
  say(
    spans === 0
      ? "The store has no span of that time; the files are there, and empty."
      : `${spans.toLocaleString("en")} spans were written, from the ${from === "file" ? "store's file, because the stack does not run" : "running store"}.`,
  );
  return { exitCode: 0, report: { folder, from, spans, files } };
}
