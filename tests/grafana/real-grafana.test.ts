/** A real Grafana with the generated files: what is in it, and what its pages show beside the viewer's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { generatedFiles } from "../../dashboards/index.ts";
import { toServices } from "../../tests/support/services.ts";
import type { Dashboard } from "../support/dashboard-panels.ts";
import { openBrowser, skipWithoutChromium } from "../viewer/chromium.ts";
import { checkAlertRules } from "./alert-rules.ts";
import { compareDashboards, openInLight } from "./dashboards.ts";
import { checkExplore } from "./explore.ts";
import { skipWithoutGrafana } from "./grafana-under-test.ts";
import { checkLoaded } from "./loaded.ts";
import { checkTrace } from "./one-trace.ts";
import { seeded } from "./seeded.ts";

test("a real Grafana", {
  skip: skipWithoutGrafana || skipWithoutChromium,
  timeout: 1_800_000,
}, async (t) => {
  const scene = await seeded(t);
  const context = await openBrowser(t);
  // esbuild names functions by a helper that pages do not have.
  await context.addInitScript("globalThis.__name ??= (named) => named");
  const dashboards = (await generatedFiles(toServices(miniserve))).map(
    ({ content }): Dashboard => JSON.parse(content),
  );
  assert.ok(dashboards.length >= 5);

  await t.test("has every object once, and each is healthy", () => checkLoaded(scene));
  await t.test("shows in every panel what the viewer shows", (inner) =>
    compareDashboards(inner, scene, context, dashboards),
  );
  await t.test("opens every dashboard in the light theme too", () =>
    openInLight(scene, context, dashboards),
  );
  await t.test("opens every saved query in Explore, which shows rows", () =>
    checkExplore(scene, context, dashboards),
  );
  await t.test("leads from a span to its log lines and to metrics", (inner) =>
    checkTrace(inner, scene, context),
  );
  await t.test("evaluates every alert rule, which fires for its own requests only", (inner) =>
    checkAlertRules(inner, scene),
  );
});
