import {
  createSavedQueries,
  exploreLink,
  type GeneratedFile,
  type SavedQuery,
  type Service,
} from "#contract";
import { yamlFile } from "../yaml-file.ts";

/** The saved queries for other programs, each with links that show it in Grafana's Explore. */
export function savedQueryExports({ id, name, contract }: Service): GeneratedFile[] {
  const source = `the contract of ${name} and contract/queries/`;
  const queries = createSavedQueries(contract).map(exported);
  const json = { generated: `From ${source} by npm run generate. Do not edit.`, queries };
  return [
    {
      path: `provisioning/generated/${id}/saved-queries.json`,
      content: `${JSON.stringify(json, null, 2)}\n`,
    },
    yamlFile({
      name: `${id}/saved-queries.yaml`,
      source,
      brief: ["The saved queries. A link continues the address of a Grafana."],
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

/** Where `stack:up` has Grafana. */
const grafana = "http://localhost:3000";

/** The saved queries for people. */
export function savedQueriesPage({ id, name, contract }: Service): GeneratedFile {
  const queries = createSavedQueries(contract);
  const lines = [
    `<!-- Generated from the contract of ${name} and contract/queries/ by npm run generate. Do not edit. -->`,
    "",
    `# Saved queries of ${name}`,
    "",
    "Ask one in the shell with `npm run query -- ID`, with other values for its parameters by",
    "`--set NAME=VALUE`; `npm run query -- --all` counts what each finds. The links go to Grafana's",
    `Explore at ${grafana}: on another Grafana, put its address in the place of this one.`,
    "",
    "| query | question | severity |",
    "|---|---|---|",
    ...queries.map(
      ({ id, title, question, severity }) => `| [${title}](#${id}) | ${question} | ${severity} |`,
    ),
    "",
    ...queries.flatMap(section),
  ];
  return {
    path: `docs/generated/${id}/saved-queries.md`,
    content: `${lines.join("\n").trimEnd()}\n`,
  };
}

/** The id is the heading, so that links to it last. */
function section(query: SavedQuery): string[] {
  const { id, title, question, action, severity, tags, table, count, alert } = query;
  return [
    `## ${id}`,
    "",
    `**${title}.** ${question}`,
    "",
    `What to do: ${action}`,
    "",
    `Severity ${severity}; ${tags.join(", ")}.${alert === null ? "" : ` Alerts when there are more than ${alert.above} in ${alert.windowMinutes} minutes${alert.forMinutes === 0 ? "" : `, for ${alert.forMinutes} minutes`}.`}`,
    "",
    ...parameterTable(query),
    ...traceqlBlock("Shows", table),
    ...(count === null ? [] : traceqlBlock("Counts", count)),
  ];
}

function parameterTable({ parameters }: SavedQuery): string[] {
  return [
    "| parameter | default | meaning |",
    "|---|---|---|",
    ...Object.entries(parameters).map(
      ([name, { default: value, unit, brief, isRequired }]) =>
        `| \`${name}\` | ${isRequired === true ? `none, such as \`${value}\`` : `\`${value}\`${unit === undefined ? "" : ` ${unit}`}`} | ${brief} |`,
    ),
    "",
  ];
}

function traceqlBlock(does: string, query: string): string[] {
  return [`${does}, [in Explore](${grafana}${exploreLink(query)}):`, "", "```", query, "```", ""];
}
