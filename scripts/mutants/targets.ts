import type { DamagedTexts } from "./make-mutants.ts";

/** Some files, and the tests that must notice a fault in them. */
export interface Target {
  readonly name: string;
  /** Paths or glob patterns, from the root of the checkout. */
  readonly files: readonly string[];
  /** Test files. The fewer, the faster: they run once for each mutant. */
  readonly tests: readonly string[];
  readonly texts?: DamagedTexts;
  /**
   * Whether the generated files are written anew before the tests, as a person would who made such a
   * change: or else the comparison with the committed files alone would notice everything.
   */
  readonly generates?: true;
  /** How many mutants a bounded run makes in all its files together. */
  readonly count: number;
}

/** The core: where a fault makes a trace, an answer, a panel or a provisioned object wrong. */
export const targets: readonly Target[] = [
  {
    name: "tracing",
    files: ["server/tracing/{traced-span,request-clock,request-scope,stage,retrying-exporter}.ts"],
    tests: ["server/tracing/*.test.ts", "tests/tracing/*.test.ts"],
    count: 24,
  },
  {
    name: "decoding: first token, steps, counts",
    files: ["server/pipeline/decode.ts"],
    tests: ["tests/server/{first-token,decode-steps,sampling,failed-trace}.test.ts"],
    count: 12,
  },
  {
    name: "validator",
    files: ["contract/validate/*.ts"],
    tests: ["contract/validate/*.test.ts"],
    count: 30,
  },
  {
    name: "TraceQL: comparison and aggregation",
    files: [
      "stack/trace-store/traceql/plan/*.ts",
      "stack/trace-store/traceql/metrics/*.ts",
      "stack/trace-store/traceql/search/*.ts",
    ],
    tests: [
      "stack/trace-store/traceql/{borders,comparisons,first-stage}.test.ts",
      "stack/trace-store/traceql/{metrics,search}/*.test.ts",
      "stack/trace-store/traceql/conformance/*.test.ts",
    ],
    count: 40,
  },
  {
    name: "panels: units and thresholds",
    files: [
      "contract/grafana/units.ts",
      "dashboards/{miniserve,panels}/*.ts",
      "dashboards/shapes/{stat,timeseries}.ts",
    ],
    tests: ["dashboards/*.test.ts"],
    texts: ["unit", "colour", "color", "us", "ms", "s", "ns", "min", "h", "By"],
    generates: true,
    count: 40,
  },
  {
    name: "provisioner: whose an object is",
    files: ["provisioning/provisioner/owner.ts", "provisioning/provisioner/objects/*.ts"],
    tests: ["tests/provisioning/*.test.ts", "provisioning/**/*.test.ts"],
    texts: "all",
    count: 30,
  },
];
