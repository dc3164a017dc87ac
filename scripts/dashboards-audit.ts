import { readFileSync, writeFileSync } from "node:fs";
import { shortText, visibleJson } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  runCommand,
  StackError,
  serviceOptions,
} from "../stack/index.ts";
import { noSurroundings } from "./audit/boards/board.ts";
import { LineIndex } from "./audit/documents/line-index.ts";
import { type PlacedChange, rewriteSource } from "./audit/fix/rewrite-source.ts";
import { auditBoard, type HasData, listAsks } from "./audit/judge/audit-boards.ts";
import { contractNames } from "./audit/known/contract-names.ts";
import { allRenames, type KnownNames } from "./audit/known/known-names.ts";
import { recordedNames } from "./audit/known/recorded-names.ts";
import { scrapeNames } from "./audit/known/scrape-file.ts";
import { type AuditedBoard, createReport } from "./audit/report/audit-report.ts";
import { auditSarif } from "./audit/report/sarif.ts";
import { sayReport } from "./audit/report/table.ts";
import type { ReadSources } from "./audit/sources/audited-source.ts";
import { readFiles } from "./audit/sources/files.ts";
import { GrafanaSource } from "./audit/sources/grafana.ts";
import { PrometheusStore } from "./audit/stores/prometheus.ts";
import { TempoStore } from "./audit/stores/tempo.ts";
import { readAccess } from "./provision/arguments.ts";
import { rangeUntilNow, unusable } from "./query/arguments.ts";

const options = {
  ...serviceOptions,
  grafana: { type: "string", value: "URL", does: "A Grafana, instead of files." },
  "token-env": {
    type: "string",
    value: "NAME",
    does: "The variable with its token or user:password (GRAFANA_TOKEN).",
  },
  tempo: { type: "string", value: "URL", does: "A Tempo: what is really there." },
  prometheus: { type: "string", value: "URL", does: "A Prometheus: the same for metrics." },
  metrics: {
    type: "string",
    multiple: true,
    value: "FILE",
    does: "What a service's /metrics prints; may be repeated.",
  },
  since: {
    type: "string",
    value: "DURATION",
    does: "How far back stores are asked: 24h, 7d (24h).",
  },
  fix: {
    type: "boolean",
    does: "Rewrite names in the files that a contract has renamed, then judge them.",
  },
  all: { type: "boolean", does: "List every panel, also those that are well." },
  sarif: { type: "boolean", does: "Print the result as SARIF 2.1.0 on stdout." },
} as const;

type Call = CommandCall<typeof options>;

/** Some editors write it first; it is not read, and stays. */
const byteOrderMark = "\uFEFF";

await runCommand({
  name: "npm run dashboards:audit",
  summary:
    "Finds the dead panels of anybody's dashboards, library panels and alert rules: those that ask for a span,\nattribute, metric or label that no contract declares and no store has seen, with the nearest name that\nexists. Reads TraceQL and PromQL, from files and folders or from a Grafana.",
  positionals: { usage: "PATH…", max: 1_000 },
  options,
  examples: [
    ["npm run dashboards:audit -- grafana/ rules/", "files and folders"],
    [
      "npm run dashboards:audit -- --grafana https://grafana.example.org",
      "all that the token in GRAFANA_TOKEN may see",
    ],
  ],
  exitCodes: [
    "No panel is dead.",
    "A panel is dead.",
    "It could not run: invalid options, an unreadable file, a Grafana or store without an answer.",
  ],
  run: audit,
});

async function audit(call: Call): Promise<CommandResult> {
  checkTogether(call);
  const services = await chosenServices(call.options);
  const contracts = services.map(({ contract }) => contractNames(contract));
  const fixed = call.options.fix === true ? fixFiles(call, contracts) : [];
  const read = await readSources(call);
  const boards = read.sources.flatMap(({ boards }) => boards);
  const asks = listAsks(boards);
  const { start, end } = rangeUntilNow(call.options.since ?? "24h");
  const range = { start, end };
  const { tempo, prometheus, metrics = [] } = call.options;
  const stores = {
    tempo: tempo === undefined ? undefined : new TempoStore(requireUrl("tempo", tempo), range),
    prometheus:
      prometheus === undefined
        ? undefined
        : new PrometheusStore(requireUrl("prometheus", prometheus), range),
  };
  const known: KnownNames[] = [
    ...contracts,
    recordedNames(boards),
    ...metrics.map(readMetrics),
    ...[await stores.tempo?.readNames(asks)].flatMap((names) => names ?? []),
    ...[await stores.prometheus?.readNames(asks)].flatMap((names) => names ?? []),
  ];
  const audited: AuditedBoard[] = [];
  for (const source of read.sources) {
    const lines = source.text === undefined ? {} : { lines: new LineIndex(source.text) };
    for (const board of source.boards) {
      const panels = await auditBoard(board, { known, hasData: askingOnce(stores) });
      audited.push({ source, board, panels, ...lines });
    }
  }
  const comparedWith = known.filter(({ traces, metrics }) => traces ?? metrics);
  return tell(audited, { ...read, fixed, comparedWith }, call);
}

interface Told extends ReadSources {
  readonly fixed: readonly FixedFile[];
  readonly comparedWith: readonly KnownNames[];
}

function tell(
  audited: readonly AuditedBoard[],
  { unread, fixed, comparedWith }: Told,
  call: Call,
): CommandResult {
  const report = createReport(
    audited,
    unread,
    comparedWith.map(({ source }) => source),
  );
  const exitCode = report.counts.dead > 0 ? 1 : 0;
  if (call.options.sarif === true) {
    const sarif = auditSarif(audited, unread);
    return { exitCode, report: sarif, document: `${visibleJson(sarif)}\n` };
  }
  sayReport(report, { all: call.options.all === true }, call);
  return { exitCode, report: call.options.fix === true ? { ...report, fixed } : report };
}

interface FixedFile {
  readonly file: string;
  readonly changes: readonly PlacedChange[];
  /** Those that have to be changed by hand. */
  readonly left: readonly PlacedChange[];
}

/** Writes the files in which a renamed name stands, and says what was changed. */
function fixFiles(
  { positionals, say, style }: Call,
  contracts: readonly KnownNames[],
): FixedFile[] {
  const renames = allRenames(contracts);
  return readFiles(positionals, noSurroundings).sources.flatMap((source) => {
    const { text, changes, left } = rewriteSource(source, renames);
    if (changes.length > 0) {
      const mark = readFileSync(source.place).indexOf(byteOrderMark) === 0 ? byteOrderMark : "";
      writeFileSync(source.place, mark + text);
    }
    for (const [word, list] of [
      ["changed", changes],
      ["by hand", left],
    ] as const) {
      const lines = list.map(
        ({ panel, before, now }) => `  ${shortText(panel)}: ${shortText(before)} → ${now}`,
      );
      if (lines.length > 0) {
        say(`${style("bold", word)}  ${shortText(source.place)}`, ...new Set(lines));
      }
    }
    return changes.length + left.length === 0 ? [] : [{ file: source.place, changes, left }];
  });
}

interface Stores {
  readonly tempo: TempoStore | undefined;
  readonly prometheus: PrometheusStore | undefined;
}

/** Many panels ask the same. */
function askingOnce({ tempo, prometheus }: Stores): HasData {
  const answers = new Map<string, Promise<boolean | undefined>>();
  return async ({ language, text }) => {
    const store = language === "traceql" ? tempo : prometheus;
    const key = `${language} ${text}`;
    const answer = answers.get(key) ?? store?.hasData(text) ?? Promise.resolve(undefined);
    answers.set(key, answer);
    return await answer;
  };
}

async function readSources(call: Call): Promise<ReadSources> {
  const { grafana } = call.options;
  if (grafana === undefined) {
    return readFiles(call.positionals, noSurroundings);
  }
  const source = new GrafanaSource(readAccess(call.options));
  return await source.readAll(await source.readSurroundings());
}

function readMetrics(file: string): KnownNames {
  try {
    return scrapeNames(readFileSync(file, "utf8"), file);
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new StackError("file_unreadable", {
      message: `${shortText(file)} cannot be read (${code}).`,
    });
  }
}

function checkTogether({ options: given, positionals }: Call): void {
  const hasPaths = positionals.length > 0;
  if (given.fix === true && given.grafana !== undefined) {
    throw unusable(
      "--fix changes files, never a Grafana.",
      "Export the dashboards, or look for their files, and give these.",
    );
  }
  if (hasPaths === (given.grafana !== undefined)) {
    throw unusable(
      hasPaths ? "Files and a Grafana are given." : "It is not said what to audit.",
      "Give one: npm run dashboards:audit -- dashboards/, or --grafana http://localhost:3000.",
    );
  }
}

function requireUrl(option: string, url: string): string {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw unusable(`--${option} is no URL.`, "Write it as http://localhost:3200.");
  }
  return url;
}
