import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { GeneratedFile } from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../../tests/support/services.ts";
import { generateAll } from "../generate/compare.ts";
import { serviceGenerators } from "../generate/generators.ts";
import { generatedChanges } from "./generated-changes.ts";

let files: readonly GeneratedFile[] = [];
before(async () => {
  files = await generateAll(serviceGenerators, toServices(miniserve));
});

/** What is told after a text of a file is another one. */
function toldAfter(
  path: string,
  change: (content: string) => string,
  names: string[] = [],
): string[] {
  const found = files.find((file) => file.path === path);
  assert.ok(found, path);
  const changed = change(found.content);
  assert.ok(changed !== found.content, path);
  const now = files.map((file) => (file === found ? { path, content: changed } : file));
  return generatedChanges(files, now, [{ namesBefore: names, namesNow: names }]).map(
    ({ kind, name, what, follows }) => `${kind} ${name}: ${what}${follows ? " (follows)" : ""}`,
  );
}

const overview = "dashboards/generated/miniserve/overview.json";
const queries = "provisioning/generated/miniserve/saved-queries.json";
const alerts = "provisioning/generated/grafana/alerting/miniserve.yaml";

function edited(content: string, edit: (document: { panels: never[]; queries: never[] }) => void) {
  const document = JSON.parse(content);
  edit(document);
  return JSON.stringify(document);
}

test("nothing is told of what is the same, however its files are laid out", () => {
  assert.deepEqual(generatedChanges(files, files, []), []);
  assert.deepEqual(generatedChanges(files, files.toReversed(), []), []);
});

test("a changed threshold, unit and query of a panel are told", () => {
  assert.deepEqual(
    toldAfter(overview, (content) => content.replace('"value": 2000000', '"value": 3000000')),
    ["panel First token: its threshold was 2000000 and is 3000000"],
  );
  const [unit = ""] = toldAfter(overview, (content) =>
    content.replace('"unit": "µs"', '"unit": "ms"'),
  );
  assert.match(unit, /^panel .*: its unit was µs and is ms$/);
  const [query = ""] = toldAfter(overview, (content) =>
    content.replace(/("query": "\{.*?)( \| count_over_time\(\))/, "$1 | rate()"),
  );
  assert.match(query, /^panel .*: its query changed$/);
});

test("a panel that is moved has not changed, and those behind a new one have not either", () => {
  const told = toldAfter(overview, (content) =>
    edited(content, ({ panels }) => {
      for (const panel of panels as { id: number; gridPos: object }[]) {
        panel.id += 1;
        panel.gridPos = { ...panel.gridPos, y: 99 };
      }
      (panels as object[]).unshift({ id: 1, title: "New", gridPos: {} });
    }),
  );
  assert.deepEqual(told, ["panel New: is new"]);
});

test("a saved query that is new, gone or of another default is told", () => {
  const [first, second, third] = toldAfter(queries, (content) =>
    edited(content, ({ queries: all }) => {
      const [one] = all as { id: string; parameters: { threshold: { default: number } } }[];
      assert.ok(one);
      one.parameters.threshold.default = 5;
      (all as object[]).pop();
      (all as object[]).push({ ...one, id: "brand-new" });
    }),
  ).toSorted();
  const told = [first, second, third].join("\n");
  assert.match(told, /^saved query brand-new: is new$/m);
  assert.match(told, /^saved query .*: its parameter threshold was 0 and is 5$/m);
  assert.match(told, /^saved query .*: is gone$/m);
});

test("an alert and a file without a title are told", () => {
  const [alert = ""] = toldAfter(alerts, (content) =>
    content.replace(/params:\n(\s+)- \d+/, "params:\n$1- 77"),
  );
  assert.match(alert, /^alert .*: its threshold was \d+ and is 77$/);
  assert.deepEqual(
    toldAfter("stack/generated/collector.yaml", (content) => `${content}# more\n`),
    ["file stack/generated/collector.yaml: is another"],
  );
});

test("what changed because of a name of the contract is told from what changed besides", () => {
  const { key } = miniserve.attributes.tokensOut;
  const [follows = ""] = toldAfter(
    overview,
    (content) => content.replaceAll("llm.tokens.out", "llm.tokens.made"),
    [key],
  );
  assert.match(follows, /\(follows\)$/);
  const [besides = ""] = toldAfter(
    overview,
    (content) => content.replace('"value": 2000000', '"value": 3000000'),
    [key],
  );
  assert.doesNotMatch(besides, /follows/);
});
