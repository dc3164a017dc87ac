import {
  type Contract,
  exploreLink,
  type GeneratedFile,
  type SavedQuery,
  savedQueriesOf,
} from "#contract";
import { yamlFile } from "../yaml-file.ts";

const source = "contract/saved-queries.ts and contract/queries/";

/** The saved queries for other programs, each with links that show it in Grafana's Explore. */
export function savedQueryExports(contract: Contract): GeneratedFile[] {
  const queries = savedQueriesOf(contract).map(exported);
  const json = { generated: `From ${source} by npm run generate. Do not edit.`, queries };
  return [
    {
      path: "provisioning/generated/saved-queries.json",
      content: `${JSON.stringify(json, null, 2)}\n`,
    },
    yamlFile({
      name: "saved-queries.yaml",
      source,
      meaning: ["The saved queries. A link continues the address of a Grafana."],
      content: { queries },
    }),
  ];
}

function exported(query: SavedQuery) {
  return {
    id: query.id,
    title: query.title,
    question: query.question,
    action: query.action,
    severity: query.severity,
    tags: query.tags,
    parameters: query.parameters,
    search: query.search,
    table: query.table,
    newest: query.newest,
    count: query.count,
    total: query.total,
    alert: query.alert,
    links: {
      table: exploreLink(query.table),
      count: query.count === null ? null : exploreLink(query.count),
    },
  };
}
