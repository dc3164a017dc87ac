export interface CheckQuestion {
  readonly question: string;
  /** Those that answer it. */
  readonly documents: readonly string[];
  /** Search and ranking were chosen with the first ones in sight, and without the held-out ones. */
  readonly set: "first" | "heldOut";
}

/** Asked as a newcomer would; none repeats a sentence of the document. */
const first: readonly [question: string, ...documents: string[]][] = [
  ["How can I run the server without internet access?", "docs/run.md"],
  ["How do I install a GPU build?", "docs/run.md"],
  ["On which platforms was it tested?", "docs/run.md"],
  ["Which folder may import which other folder?", "ARCHITECTURE.md"],
  ["What happens to spans when the collector has an outage?", "ARCHITECTURE.md"],
  ["How do I run only the tests of one folder?", "CONTRIBUTING.md"],
  ["How much time may continuous integration take?", "CONTRIBUTING.md"],
  ["What must I do after adding a dependency with npm install?", "CONTRIBUTING.md"],
  ["Which temperature values are allowed in a request?", "docs/api.md"],
  ["How do I get the token usage at the end of a stream?", "docs/api.md"],
  ["Which health route tells that the server is ready?", "docs/api.md"],
  ["The answer has status 429, all slots are busy. What now?", "docs/generated/errors.md"],
  ["Why does the server not start when another process has the port?", "docs/generated/errors.md"],
  ["The request body is too large, which error is that?", "docs/generated/errors.md"],
  ["Where is the log file and when is it rotated?", "docs/generated/settings.md"],
  ["How do I require an API key from clients?", "docs/generated/settings.md"],
  ["Which OpenTelemetry variables does the server honour?", "docs/settings.md"],
  ["How do I rename an attribute on the wire?", "contract/README.md"],
  ["How do I add a new log line to the contract?", "contract/README.md"],
  ["How do I build an index of my own Markdown files?", "docs/retrieval.md"],
];

/** Change none of them, nor what is searched, because of how they fare. */
const heldOut: readonly [question: string, ...documents: string[]][] = [
  ["My service is written in Go. How do I get dashboards for it?", "docs/your-service.md"],
  ["Can I see the charts without installing Grafana?", "docs/viewer.md", "README.md"],
  ["How do I put the alerts into a Grafana that I already have?", "docs/provisioning.md"],
  [
    "Which panels of my dashboards show nothing since a metric was renamed?",
    "docs/dashboards-audit.md",
  ],
  ["Does killing Tempo lose data?", "docs/production.md", "docs/pipeline.md"],
  ["What do I give up when I keep only one percent of the traces?", "docs/scale.md"],
  ["How do I make the model answer in a fixed JSON structure?", "docs/api.md"],
  ["My proxy sometimes answers 502. Why?", "docs/api.md"],
  ["What does the body of an error look like?", "docs/errors.md"],
  ["How can I analyse the stored spans with pandas?", "docs/stack.md"],
  ["May other users of the machine read my traces?", "docs/stack.md"],
  ["Are spans lost when the disk is full?", "docs/stack.md", "docs/production.md"],
  ["Which TraceQL functions are not supported?", "docs/traceql.md"],
  ["How quick are searches compared with the original Tempo?", "docs/benchmarks.md", "README.md"],
  ["How do I turn a Weaver registry into a contract?", "docs/weaver.md"],
  ["Is my deployed service still sending what was agreed?", "docs/contract-check.md"],
  ["Which files may read environment variables?", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ["How do I add a new stage to the handling of a request?", "CONTRIBUTING.md"],
  ["Can I use the typed tracer in my own Node application?", "docs/typescript.md"],
  ["How often are metrics pushed to the collector, and can I turn that off?", "docs/settings.md"],
];

export const checkQuestions: readonly CheckQuestion[] = [
  ...first.map(([question, ...documents]) => ({ question, documents, set: "first" as const })),
  ...heldOut.map(([question, ...documents]) => ({ question, documents, set: "heldOut" as const })),
];
