import { DefinitionError, exploreLink, variable } from "#contract";
import { allPattern, chosenIdentifiers, type DashboardContext, traceVariable } from "./context.ts";
import { type Link, linkBuilder } from "./shapes/link.ts";

/** The dashboards, by the names of their files. */
export const dashboardTitles = {
  overview: "Overview",
  "span-attributes": "Span attributes",
  "saved-queries": "Saved queries",
  "one-request": "Requests",
  pipeline: "Pipeline",
} as const;

export type DashboardName = keyof typeof dashboardTitles;

const longestUid = 40;

/** The same for ever: links and bookmarks name it. @throws DefinitionError for what is too long. */
export function createUid(
  { serviceId }: Pick<DashboardContext, "serviceId">,
  name: DashboardName,
): string {
  const uid = `${serviceId}-${name}`;
  DefinitionError.throwIfAny(
    "dashboards",
    uid.length > longestUid ? [`the uid ${uid} has more than ${longestUid} characters`] : [],
  );
  return uid;
}

/** To the other dashboards, with the time range and what was chosen. */
export function linksToOthers(board: DashboardContext, own: DashboardName) {
  return Object.entries(dashboardTitles)
    .filter(([name]) => name !== own)
    .map(([name, title]) =>
      linkBuilder({
        title,
        url: `/d/${createUid(board, name as DashboardName)}`,
        keepsChoices: true,
      }),
    );
}

/** In which the datasource has the trace of each span that was found. */
export const traceIdColumn = "traceIdHidden";

/** From a row of a table of spans to all about its request. */
export function requestLink(board: DashboardContext): Link {
  const chosen = chosenIdentifiers(board.contract).map(
    (identifier) => `&\${${identifier}:queryparam}`,
  );
  const trace = `var-${traceVariable}=\${__data.fields.${traceIdColumn}}`;
  return {
    title: "Open the request",
    url: `/d/${createUid(board, "one-request")}?${trace}&\${__url_time_range}${chosen.join("")}`,
  };
}

/**
 * To Explore with a query of a dashboard, for the time range that is looked at. Variables are left for
 * Grafana to replace, encoded for an address.
 */
export function exploreFromHere(board: DashboardContext, query: string): string {
  const link = exploreLink(withoutPatterns(board, query), {
    from: variableText("__from"),
    to: variableText("__to"),
  });
  const values = [...chosenIdentifiers(board.contract), ...board.requiredParameters];
  const replaced = [
    ...["__from", "__to"].map((name) => [encoded(variableText(name)), variableText(name)] as const),
    ...values.map((name) => {
      // In the pane's JSON the quote that ends a text is escaped.
      const quote = encoded('\\"');
      return [`${encoded(`$${name}`)}${quote}`, `\${${name}:percentencode}${quote}`] as const;
    }),
  ];
  return (
    replaced
      .reduce((text, [placeholder, variable]) => text.replaceAll(placeholder, variable), link)
      // Parentheses would end a link in Markdown.
      .replaceAll("(", "%28")
      .replaceAll(")", "%29")
  );
}

/**
 * The same query with what was chosen as plain values: Grafana writes a variable in one form at a time,
 * for a pattern or for an address, and an address needs the latter. "All" is told by its own text.
 */
function withoutPatterns(
  { contract, query: { resource } }: DashboardContext,
  query: string,
): string {
  return chosenIdentifiers(contract).reduce((text, name) => {
    const field = resource[name];
    if (field?.kind !== "string") {
      return text;
    }
    const { text: isValue } = field.eq(variable.text(name));
    return text.replaceAll(
      field.matches(variable.pattern(name)).text,
      `(${isValue} || "$${name}" = "${allPattern}")`,
    );
  }, query);
}

function variableText(name: string): string {
  return `\${${name}}`;
}

function encoded(text: string): string {
  return encodeURIComponent(text);
}
