import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import {
  type Dashboard,
  type Panel,
  readDashboards,
  replaceVariables,
} from "../tests/support/dashboard-panels.ts";
import { toServices } from "../tests/support/services.ts";
import { checkout } from "../tests/support/traces/checkout.ts";
import { generatedFiles } from "./index.ts";

const now = { __from: "1763800000000", __to: "1763803600000", __url_time_range: "from=1&to=2" };

/** What the pane of a link to Explore asks, after Grafana has put in the variables. */
function askedBy(url: string, dashboard: Dashboard, values: Readonly<Record<string, string>>) {
  const link = replaceVariables(url, dashboard.templating, { ...now, ...values });
  const { searchParams } = new URL(link, "http://grafana");
  return JSON.parse(searchParams.get("panes") ?? "{}").llm;
}

function listPanels(dashboard: Dashboard | undefined): readonly Panel[] {
  return dashboard?.panels ?? [];
}

/**
 * As Grafana 12.2 draws Markdown in 7 of 24 columns of a page 1280 pixels wide: 46 characters a line of
 * 22 pixels, 16 between paragraphs; a row of the grid is 38 pixels, less 58 of a panel's frame.
 */
function measureText(markdown: string): number {
  const paragraphs = markdown.split("\n\n").map((one) => one.replace(/\]\(.*?\)/, "]"));
  const lines = paragraphs.map(({ length }) => Math.ceil(length / 46));
  return lines.reduce((sum, count) => sum + count * 22 + 16, -16);
}

/** The query of a panel as a link asks it: what was chosen, all or one, as values and not as patterns. */
function withValues(query: string): string {
  return query.replaceAll(
    /(resource\.[\w.]+) =~ `([^`]*)`/g,
    (_, field: string, pattern: string) => {
      const value = pattern.replaceAll("\\", "");
      return `(${field} = "${value}" || "${value}" = ".*")`;
    },
  );
}

for (const [name, contract] of Object.entries({ miniserve, checkout })) {
  describe(`the saved queries of ${name}`, async () => {
    const dashboards = readDashboards(await generatedFiles(toServices(contract)));
    const queries = createSavedQueries(contract);
    const overview = dashboards.get("overview") as Dashboard;
    const catalogue = dashboards.get("saved-queries") as Dashboard;

    test("have each its table, its explanation and its link", () => {
      for (const { title, question, action, newest, id, severity } of queries) {
        const panels = listPanels(catalogue).filter(
          (panel) => panel.title === title && panel.type !== "stat",
        );
        const table = panels.find(({ type }) => type === "table");
        const text = panels.find(({ type }) => type === "text")?.options?.content ?? "";
        assert.equal(panels.length, 2, id);
        const row = listPanels(catalogue).find((one) => one.title === `${title} (${severity})`);
        assert.deepEqual([row?.type, row?.collapsed, row?.panels], ["row", true, panels], id);
        const heights = panels.map(({ gridPos }) => gridPos.h);
        assert.equal(heights[0], heights[1], `${id}: both end at one line`);
        assert.ok((heights[0] ?? 0) * 38 - 58 >= measureText(text), `${id}: the text is cut off`);
        const query = table?.targets?.[0]?.query ?? "";
        assert.match(query, / with \(most_recent=true\)$/);
        assert.equal(query.split(" | ").at(-1), newest.split(" | ").at(-1));
        for (const part of [question, action, `npm run query -- ${id}`]) {
          assert.ok(text.includes(part), part);
        }
        const link = /\]\((\/explore[^)]+)\)/.exec(text)?.[1] ?? "";
        const values = { serviceVersion: "1.2.3-rc", request: "chatcmpl-0" };
        const pane = askedBy(link, catalogue, values);
        const expected = replaceVariables(query, catalogue.templating, values);
        assert.equal(pane.queries[0].query, withValues(expected.split(" with (")[0] ?? ""), id);
        assert.deepEqual(pane.range, { from: now.__from, to: now.__to });
      }
    });

    test("are counted on the overview, where they can be: in the colour of their severity, with a link", () => {
      const start = listPanels(overview).findIndex(({ title }) => title === "What is unusual now?");
      const end = listPanels(overview).findIndex(
        ({ type }, index) => type === "row" && index > start,
      );
      const lists = listPanels(overview).slice(start + 1, end);
      const listed = lists.flatMap((list) =>
        (list.targets ?? []).filter(({ type }) => type === "reduce").map(({ refId }) => refId),
      );
      const counted = queries.filter(({ count }) => count !== null);
      const order = ["critical", "warning", "info"];
      assert.deepEqual(
        listed,
        order.flatMap((severity) =>
          counted.filter((query) => query.severity === severity).map(({ title }) => title),
        ),
      );
      for (const { title, table, total, id, severity } of counted) {
        const list = lists.find(({ targets = [] }) => targets.some(({ refId }) => refId === title));
        const { noValue, thresholds } = list?.fieldConfig?.defaults ?? {};
        const colour = { critical: "red", warning: "dark-yellow", info: "blue" }[severity];
        const steps = [
          { value: null, color: "green" },
          { value: 1, color: colour },
        ];
        assert.deepEqual([noValue, thresholds?.steps], ["Nothing found", steps], id);
        const shown = list?.targets?.find(({ refId }) => refId === title);
        assert.deepEqual([shown?.reducer, shown?.hide], ["sum", undefined], id);
        const asked = list?.targets?.find(({ refId }) => refId === shown?.expression);
        assert.equal(asked?.hide, true, id);
        assert.equal(asked?.query?.split(" | ").at(-1), total?.split(" | ").at(-1), id);
        assert.match(asked?.query ?? "", / \| count_over_time\(\) > 0$/, id);
        const own = list?.fieldConfig?.overrides.find(({ matcher }) => matcher.options === title);
        const links = own?.properties.find((property) => property.id === "links")?.value;
        const [link] = links as { url: string }[];
        const pane = askedBy(link?.url ?? "", overview, {});
        assert.equal(pane.queries[0].query.split(" | ").at(-1), table.split(" | ").at(-1), id);
      }
    });

    test("show rows that lead to their request, with its trace id and the time range", () => {
      for (const dashboard of [overview, catalogue]) {
        const tables = listPanels(dashboard).filter(({ type }) => type === "table");
        assert.ok(tables.length > 0);
        for (const { fieldConfig, title } of tables) {
          const links = fieldConfig?.overrides
            .flatMap(({ properties }) => properties)
            .filter(({ id }) => id === "links");
          assert.equal(links?.length, 1, title);
          const [link] = (links?.[0]?.value ?? []) as { url: string }[];
          const url = link?.url.replace("__data.fields.traceIdHidden", "traceId") ?? "";
          assert.equal(
            replaceVariables(url, dashboard.templating, { ...now, traceId: "0af7" }),
            `/d/${name}-one-request?var-traceId=0af7&from=1&to=2${dashboard.templating.list
              .filter(({ type }) => type === "custom")
              .map((variable) => `&var-${variable.name}=.*`)
              .join("")}`,
          );
        }
      }
    });
  });
}
