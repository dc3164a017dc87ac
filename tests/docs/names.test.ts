/** What pages name, there is: files, folders and settings. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { checkout } from "../stack/stack-under-test.ts";
import { type Page, readPages, trackedFiles } from "./pages.ts";

/** What was is on it too. */
const pages = readPages().filter(({ path }) => path !== "CHANGELOG.md");

function codeIn({ prose }: Page): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** Other `examples/` are those of projects that a page tells of. */
const ourPath =
  /^(contract|server|stack|dashboards|provisioning|scripts|tests|docs|examples\/checkout|experiments|\.github|\.ci)\/[A-Za-z0-9./-]*$/;

describe("what the pages name, there is", () => {
  test("files and folders", () => {
    const named = pages.flatMap((page) =>
      codeIn(page)
        .filter((code) => ourPath.test(code) && !/[A-Z]{4}/.test(code))
        .map((code) => ({ from: page.path, code })),
    );
    assert.ok(named.length > 60, `only ${named.length} were found`);
    const missing = named.filter(
      ({ from, code }) =>
        !existsSync(join(checkout, code)) && !existsSync(join(checkout, dirname(from), code)),
    );
    assert.deepEqual(missing, []);
  });

  test("settings", () => {
    const programs = trackedFiles("*.ts", "*.mjs", "*.yaml", "*.yml", "*.py", "Dockerfile")
      .map((path) => readFileSync(join(checkout, path), "utf8"))
      .join("\n");
    const named = pages.flatMap((page) =>
      codeIn(page).flatMap((code) =>
        [
          ...code.matchAll(/\b(?:MINISERVE|STACK|TEMPO|OTLP|GRAFANA|LOKI|OTELCOL)_[A-Z_]*[A-Z]\b/g),
        ].map(([name]) => ({ from: page.path, name })),
      ),
    );
    assert.ok(named.length > 60, `only ${named.length} were found`);
    assert.deepEqual(
      named.filter(({ name }) => !programs.includes(name)),
      [],
    );
  });

  test("the version of the package", () => {
    const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/miniserve-(\d[\w.-]*)\.tgz/g)].map(([, name]) => `${path}: ${name}`),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((name) => !name.endsWith(`: ${version}`)),
      [],
    );
  });

  test("the page that a link has as its text is the one it leads to", () => {
    const links = pages.flatMap(({ path, prose }) =>
      [...prose.matchAll(/\[([\w./-]+\.(?:md|ts|yaml))\]\(([^)#\s]+)/g)].map(
        ([, text = "", target = ""]) => ({ path, text, target }),
      ),
    );
    assert.ok(links.length > 30, `only ${links.length} were found`);
    assert.deepEqual(
      links.filter(({ text, target }) => basename(text) !== basename(target)),
      [],
    );
  });
});
