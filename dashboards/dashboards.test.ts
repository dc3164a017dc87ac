import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Contract, datasourceUids } from "#contract";
import { miniserve } from "#miniserve";
import {
  type Dashboard,
  isMetrics,
  type Panel,
  readDashboards,
  replaceVariables,
  type Target,
} from "../tests/support/dashboard-panels.ts";
import { toServices } from "../tests/support/services.ts";
import { checkout, plainCheckout } from "../tests/support/traces/checkout.ts";
import { generatedFiles } from "./index.ts";

const contracts = { miniserve, checkout, plainCheckout };
const withoutQuery = ["row", "text"];

function eachPanel(
  dashboards: ReadonlyMap<string, Dashboard>,
  check: (panel: Panel, dashboard: Dashboard, where: string) => void,
) {
  for (const [name, dashboard] of dashboards) {
    for (const panel of dashboard.panels) {
      check(panel, dashboard, `${name}: ${panel.title}`);
    }
  }
}

function listProperties(
  override: { properties: readonly { id: string; value: unknown }[] } | undefined,
) {
  return Object.fromEntries((override?.properties ?? []).map(({ id, value }) => [id, value]));
}

function assertWellAsked(target: Target, type: string, where: string): void {
  const { query = "", queryType, tableType, metricsQueryType, filters, step } = target;
  assert.equal(queryType, "traceql", where);
  assert.deepEqual(filters, []);
  assert.match(tableType ?? "", type === "traces" ? /^traces$/ : /^spans$/, where);
  const range = ["timeseries", "heatmap"].includes(type);
  const kind = isMetrics(query) ? (range ? "range" : "instant") : undefined;
  assert.equal(metricsQueryType, kind, where);
  assert.equal(step, range ? "1m" : undefined, `${where}: axes say "a minute"`);
  assert.equal(isMetrics(query), !["table", "traces"].includes(type), where);
}

function serviceKey({ resource }: Contract): string {
  return resource.attributes[resource.serviceName]?.key ?? "";
}

for (const [name, contract] of Object.entries(contracts)) {
  describe(`the dashboards of ${name}`, async () => {
    const dashboards = readDashboards(await generatedFiles(toServices(contract)));

    test("have what Grafana needs of a dashboard", () => {
      for (const [file, dashboard] of dashboards) {
        assert.equal(dashboard.schemaVersion, 42, file);
        assert.deepEqual(dashboard.time, { from: "now-1h", to: "now" });
        assert.equal(typeof dashboard.refresh, "string");
        assert.equal(typeof dashboard.timepicker, "object");
        assert.ok(dashboard.tags.length > 0);
        assert.ok(dashboard.panels.length > 0);
        assert.match(dashboard.title, /^\w+: /);
        assert.match(dashboard.uid, /^[\w-]{1,40}$/);
        assert.equal("id" in dashboard, false, "an id is of one Grafana");
      }
    });

    test("place their panels within 24 columns, none over another", () => {
      for (const [file, { panels }] of dashboards) {
        const ids = panels.map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length, file);
        assert.ok(
          ids.every((id) => id > 0 && id < 2 ** 31),
          file,
        );
        let taken = new Map<string, string>();
        for (const { gridPos, title, type } of panels) {
          // Rows below a folded one move down when it is unfolded.
          if (type === "row") {
            taken = new Map();
          }
          assert.ok(gridPos.x >= 0 && gridPos.w > 0 && gridPos.x + gridPos.w <= 24, title);
          for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
            for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
              const other = taken.get(`${x} ${y}`);
              assert.equal(other, undefined, `${file}: ${title} is over ${other}`);
              taken.set(`${x} ${y}`, title);
            }
          }
        }
      }
    });

    test("say in every panel what it shows, and what it means when nothing is there", () => {
      eachPanel(dashboards, ({ type, title, description, fieldConfig }, _, where) => {
        assert.ok(title.length > 0);
        if (!withoutQuery.includes(type)) {
          assert.match(description ?? "", /^[A-Z0-9].+\.$/, where);
          assert.doesNotMatch(description ?? "", /undefined|NaN| {2}|\.\./, where);
        }
        if (!["row", "text", "traces"].includes(type)) {
          assert.ok((fieldConfig?.defaults.noValue ?? "").length > 0, where);
        }
        if (["timeseries", "stat", "bargauge", "heatmap"].includes(type)) {
          assert.ok((fieldConfig?.defaults.unit ?? "").length > 0, where);
        }
      });
    });

    test("name series by overrides: a name in the defaults loses to that of the datasource", () => {
      eachPanel(dashboards, ({ fieldConfig }, _, where) => {
        assert.equal(fieldConfig?.defaults.displayName, undefined, where);
      });
    });

    test("say nothing in an empty cell of a table, be it missing or what Tempo calls nil", () => {
      eachPanel(dashboards, ({ type, fieldConfig }, _, where) => {
        if (type !== "table") {
          return;
        }
        const [all, ...columns] = fieldConfig?.overrides ?? [];
        assert.deepEqual(all?.matcher, { id: "byRegexp", options: "/.*/" }, where);
        const { noValue, mappings } = listProperties(all);
        assert.equal(noValue, "", where);
        for (const mapped of [mappings, ...columns.map((one) => listProperties(one).mappings)]) {
          const [{ options }] = (mapped ?? mappings) as [{ options: { nil?: { text: string } } }];
          assert.equal(options.nil?.text, " ", where);
        }
      });
    });

    test("leave out the columns that say the same in every row, and hide the id that links use", () => {
      eachPanel(dashboards, ({ type, transformations, fieldConfig }, _, where) => {
        if (type !== "table") {
          return;
        }
        const [organize] = transformations ?? [];
        assert.equal(organize?.id, "organize", where);
        for (const column of ["traceService", "Trace Name", serviceKey(contract)]) {
          assert.equal(organize.options.excludeByName?.[column], true, `${where}: ${column}`);
        }
        const traceId = fieldConfig?.overrides.find(
          ({ matcher }) => matcher.options === "traceIdHidden",
        );
        assert.deepEqual(
          listProperties(traceId),
          { "custom.hidden": true, "custom.hideFrom.viz": true },
          `${where}: in the words of each Grafana`,
        );
      });
    });

    test("begin tables with the time, and end them with the span's id", () => {
      eachPanel(dashboards, ({ type, transformations = [] }, _, where) => {
        if (type !== "table") {
          return;
        }
        const places = Object.entries(transformations[0]?.options.indexByName ?? {});
        const columns = places.toSorted(([, one], [, other]) => one - other).map(([name]) => name);
        assert.deepEqual(columns.slice(0, 2), ["time", "Start time"], where);
        assert.deepEqual(columns.slice(-2), ["spanID", "Span ID"], where);
      });
    });

    test("give a cell one link: that of the datasource on a span's id, to its request on the time", () => {
      eachPanel(dashboards, ({ type, fieldConfig }, _, where) => {
        if (type !== "table") {
          return;
        }
        const linked = (fieldConfig?.overrides ?? []).filter(
          (one) => "links" in listProperties(one),
        );
        const columns = linked.map(({ matcher }) => matcher.options);
        assert.ok(["", "time"].includes(columns.join()), `${where}: ${columns}`);
        for (const { links } of linked.map(listProperties)) {
          assert.equal((links as unknown[]).length, 1, where);
        }
      });
    });

    test("ask no datasource for what it may not have, nor for no trace, before anybody chose", () => {
      for (const [file, { panels, templating }] of dashboards) {
        const folded = new Set(
          panels.flatMap(({ collapsed, panels: own = [] }) =>
            collapsed === true ? own.map(({ id }) => id) : [],
          ),
        );
        for (const { id, targets = [], title } of panels) {
          const [{ datasource, query, expr } = {}] = targets;
          const isFolded = folded.has(id);
          assert.ok(datasource?.uid !== datasourceUids.prometheus || isFolded, `${file}: ${title}`);
          const asked = replaceVariables(
            `${query ?? ""}${expr ?? ""}`.replaceAll("$__rate_interval", "1m"),
            templating,
          );
          // Of what is hexadecimal, or nothing, the datasource makes the id of a trace.
          if (targets.length > 0) {
            assert.doesNotMatch(asked, /^[0-9a-f]*$/i, `${file}: ${title}`);
          }
        }
      }
    });

    test("ask a datasource that is provisioned, and say which kind of query it is", () => {
      eachPanel(dashboards, ({ type, targets = [], datasource }, _, where) => {
        const asked = targets.filter((target) => target.datasource.uid !== "__expr__");
        assert.equal(asked.length === 0, withoutQuery.includes(type), where);
        // Of several searches the datasource would ask the first alone.
        assert.ok(asked.length <= 1 || asked.every(({ query = "" }) => isMetrics(query)), where);
        assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, where);
        for (const target of asked) {
          assert.deepEqual(target.datasource, datasource);
          assert.ok(Object.values(datasourceUids).includes(target.datasource.uid as "tempo"));
          assert.equal(target.datasource.type, target.datasource.uid);
          if (target.datasource.uid === datasourceUids.tempo) {
            assertWellAsked(target, type, where);
          }
        }
      });
    });

    test("use no variable that they do not have", () => {
      eachPanel(dashboards, ({ targets = [] }, { templating }) => {
        for (const { query = "", expr = "" } of targets) {
          // Grafana's own, which stands for the step of the panel.
          const asked = `${query}${expr}`.replaceAll("$__rate_interval", "1m");
          assert.doesNotMatch(replaceVariables(asked, templating), /\$/);
        }
      });
    });

    test("lead to each other with the time range and what was chosen", async () => {
      const uids = [...dashboards.values()].map(({ uid }) => uid);
      assert.equal(new Set(uids).size, uids.length);
      for (const { uid, links } of dashboards.values()) {
        const others = uids.filter((other) => other !== uid);
        assert.deepEqual(
          links.map(({ url }) => url),
          others.map((other) => `/d/${other}`),
        );
        assert.ok(
          links.every(({ keepTime, includeVars, placement }) => {
            return keepTime && includeVars && placement === undefined;
          }),
        );
      }
      for (const { content } of await generatedFiles(toServices(contract))) {
        for (const [, uid = ""] of content.matchAll(/\/d\/([\w-]+)/g)) {
          assert.ok(uids.includes(uid), `there is no dashboard ${uid}`);
        }
      }
    });

    test("are the same whenever they are generated", async () => {
      assert.deepEqual(
        await generatedFiles(toServices(contract)),
        await generatedFiles(toServices(contract)),
      );
    });
  });
}

test("the uids stay: links and bookmarks name them", async () => {
  const dashboards = readDashboards(await generatedFiles(toServices(miniserve)));
  assert.deepEqual(
    [...dashboards].map(([name, { uid }]) => [name, uid]),
    [
      ["overview", "miniserve-overview"],
      ["span-attributes", "miniserve-span-attributes"],
      ["saved-queries", "miniserve-saved-queries"],
      ["one-request", "miniserve-one-request"],
      ["pipeline", "miniserve-pipeline"],
    ],
  );
});

test("what is looked at can be chosen on each: one build, also one that is not listed", async () => {
  for (const { templating } of readDashboards(
    await generatedFiles(toServices(miniserve)),
  ).values()) {
    const variable = templating.list.find(({ label }) => label === "service.version");
    assert.deepEqual(
      [variable?.type, variable?.allValue, variable?.includeAll, variable?.allowCustomValue],
      ["custom", ".*", true, true],
    );
  }
});

test("the documentation has each dashboard with its uid", async () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/dashboards.md"), "utf8");
  for (const { title, uid, refresh } of readDashboards(
    await generatedFiles(toServices(miniserve)),
  ).values()) {
    const asks = refresh === "" ? "on demand" : "every minute";
    assert.ok(page.includes(`| ${title.split(": ")[1]} | \`${uid}\` | ${asks} |`), title);
  }
});
