import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { Provisioning } from "./index.ts";
import { interpolate } from "./yaml-files.ts";

const tempoUrl = "http://127.0.0.1:3200";

type Files = Readonly<Record<string, string | object>>;

/** Reads files as they would lie in a checkout. */
function read(t: TestContext, files: Files) {
  return provisioned(t, files).provisioning.current();
}

function provisioned(t: TestContext, files: Files) {
  const checkout = mkdtempSync(join(tmpdir(), "miniserve-provisioned-"));
  t.after(() => rmSync(checkout, { recursive: true }));
  for (const folder of ["grafana/datasources", "grafana/dashboards", "boards"]) {
    mkdirSync(join(checkout, folder), { recursive: true });
  }
  const write = (name: string, content: string | object) => {
    const file = join(checkout, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  };
  for (const [name, content] of Object.entries(files)) {
    write(name, content);
  }
  const provisioning = new Provisioning({
    folder: join(checkout, "grafana"),
    dashboardsFolder: join(checkout, "boards"),
    tempoUrl,
    hasLogFile: true,
    checkout,
  });
  return { provisioning, write };
}

const tempo = { name: "Tempo", type: "tempo", uid: "tempo", url: "$TEMPO_URL", isDefault: true };
const datasources = (...list: object[]) => ({
  "grafana/datasources/all.yaml": { apiVersion: 1, datasources: list },
});
const provider = {
  "grafana/dashboards/all.yaml": {
    apiVersion: 1,
    providers: [
      { name: "ours", folder: "Ours", type: "file", options: { path: "$DASHBOARDS_PATH" } },
    ],
  },
};
const board = { uid: "a-board", title: "A board: first", tags: ["x"], panels: [] };

test("variables are replaced as Grafana does", () => {
  const document = { a: ["$TEMPO_URL/x", "${TEMPO_URL}s", "$$__tags", "$NOBODY."], b: 1 };
  assert.deepEqual(interpolate(document, { TEMPO_URL: "u" }), {
    a: ["u/x", "us", "$__tags", "."],
    b: 1,
  });
});

test("reads datasources and dashboards, and says who answers", (t) => {
  const {
    datasources: found,
    dashboards,
    refusals,
  } = read(t, {
    ...datasources(
      tempo,
      { name: "Loki", type: "loki", uid: "loki" },
      { name: "P", type: "prometheus" },
    ),
    ...provider,
    "boards/one.json": board,
    "boards/notes.txt": "not a dashboard",
  });
  assert.deepEqual(refusals, []);
  assert.deepEqual(
    found.map(({ uid, answeredBy, isDefault }) => [uid, answeredBy, isDefault]),
    [
      ["tempo", "tempo", true],
      ["loki", "log file", false],
      ["P", undefined, false],
    ],
  );
  assert.deepEqual(
    dashboards.map(({ summary }) => summary),
    [
      {
        uid: "a-board",
        title: "A board: first",
        description: "",
        folder: "Ours",
        tags: ["x"],
        url: "/d/a-board/a-board-first",
      },
    ],
  );
});

test("refuses each fault with its file and its reason, and takes the rest", (t) => {
  const {
    datasources: found,
    dashboards,
    refusals,
  } = read(t, {
    ...datasources(
      tempo,
      { type: "tempo" },
      { name: "Untyped" },
      { ...tempo, uid: "other" },
      { ...tempo, name: "Same uid" },
      { name: "Second", type: "loki", isDefault: true },
      { name: "Elsewhere", type: "tempo", url: "http://tempo.example:3200" },
      { name: "Good", type: "loki" },
    ),
    "grafana/datasources/broken.yaml": "a: [",
    "grafana/datasources/old.yaml": "apiVersion: 2\n",
    ...provider,
    "grafana/dashboards/more.yaml": {
      apiVersion: 1,
      providers: [
        { type: "file" },
        { name: "ours", options: { path: "x" } },
        { name: "pathless" },
        { name: "git", type: "git", options: { path: "x" } },
        { name: "gone", options: { path: "$DASHBOARDS_PATH/gone" } },
      ],
    },
    "boards/0.json": board,
    "boards/1.json": "{",
    "boards/2.json": "[]",
    "boards/3.json": { uid: "untitled", title: " " },
    "boards/4.json": { uid: "has space", title: "x" },
    "boards/5.json": { uid: "u".repeat(41), title: "x" },
    "boards/6.json": { ...board, title: "another with the same uid" },
    "boards/7.json": { title: "without a uid" },
    "boards/8.json": { apiVersion: "dashboard.grafana.app/v2", kind: "Dashboard", spec: {} },
    "boards/9.json": { uid: "odd", title: "x", panels: {} },
  });
  assert.deepEqual(
    found.map(({ name }) => name),
    ["Tempo", "Good"],
  );
  assert.deepEqual(
    dashboards.map(({ summary: { uid } }) => uid),
    ["a-board"],
  );
  const lines = refusals.map(({ file, reason }) => `${file}: ${reason}`).join("\n");
  for (const expected of [
    /datasources\/broken\.yaml: It is not YAML: /,
    /datasources\/old\.yaml: Its apiVersion is not 1\./,
    /all\.yaml: A datasource has no name\./,
    /"Untyped" has no type\./,
    /"Tempo" is there twice\./,
    /"Same uid" has the uid of another: tempo\./,
    /"Second" is a second default/,
    /"Elsewhere" is at "http:\/\/tempo\.example:3200"; this viewer asks http:\/\/127\.0\.0\.1:3200 alone\./,
    /more\.yaml: A dashboard provider has no name\./,
    /provider "ours" is there twice\./,
    /provider "pathless" has no options\.path\./,
    /provider "git" has the type "git"/,
    /^boards\/gone: The folder cannot be read \(ENOENT\)\.$/m,
    /^boards\/1\.json: It is not JSON: /m,
    /^boards\/2\.json: It is no JSON object\.$/m,
    /^boards\/3\.json: The dashboard has no title\.$/m,
    /^boards\/4\.json: Its uid has characters/m,
    /^boards\/5\.json: Its uid has more than 40 characters\.$/m,
    /^boards\/6\.json: Another has its uid: a-board\.$/m,
    /^boards\/7\.json: It has no uid/m,
    /^boards\/8\.json: It is a dashboard resource/m,
    /^boards\/9\.json: Its panels are no list\.$/m,
  ]) {
    assert.match(lines, expected);
  }
  assert.equal(refusals.length, 22, lines);
});

test("what changes on disk is read again, and nothing else is", (t) => {
  const { provisioning, write } = provisioned(t, { ...provider, "boards/one.json": board });
  const first = provisioning.current();
  assert.equal(provisioning.current(), first);
  const titles = () => provisioning.current().dashboards.map(({ summary }) => summary.title);
  write("boards/one.json", { ...board, title: "Another" });
  write("boards/two.json", { ...board, uid: "two", title: "Two" });
  assert.deepEqual(titles(), ["Another", "Two"]);
  write("boards/two.json", "{");
  assert.equal(provisioning.current().refusals.length, 1);
});
