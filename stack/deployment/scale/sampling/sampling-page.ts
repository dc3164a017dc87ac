import type { GeneratedFile, Service } from "#contract";
import { listSampling } from "./kept-traces.ts";

/** What the gateways keep of what each saved query finds, as a page. */
export function samplingPage({ id, name, contract }: Service): GeneratedFile {
  const queries = listSampling(contract);
  const kept = queries.filter(({ condition }) => condition !== undefined);
  const shared = queries.filter(({ condition }) => condition === undefined);
  return {
    path: `docs/generated/${id}/sampling.md`,
    content: [
      "<!-- Generated from contract/ and stack/deployment/scale/sampling/ by npm run generate. Do not edit. -->",
      "",
      `# Which traces of ${name} the gateways keep`,
      "",
      "Every trace with an error; every trace that one of these saved queries finds; and a share of the others,",
      "`SAMPLED_PERCENT` in 100.",
      "",
      "| kept whole | because |",
      "|---|---|",
      ...kept.map(({ query }) => `| \`${query.id}\` | ${query.question} |`),
      "",
      "## Queries that see only the share",
      "",
      "What they find in the store are as many in 100 as are kept, besides what is kept for another reason: counts",
      "and rates of them are too small, and so are those of every TraceQL metric. The metrics of the server count",
      "every request.",
      "",
      "| query | why |",
      "|---|---|",
      ...shared.map(
        ({ query, reason = "" }) => `| \`${query.id}\` | ${formatReason(query.search, reason)} |`,
      ),
      "",
    ].join("\n"),
  };
}

function formatReason(search: string, reason: string): string {
  const isOfErrors = search.includes("status = error");
  return isOfErrors ? `${reason}; but it finds errors, which are kept all` : reason;
}
