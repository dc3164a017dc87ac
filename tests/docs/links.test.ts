/** Each link of each page, and each page that help and errors name, leads somewhere. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";
import { checkout } from "../stack/stack-under-test.ts";
import { readPages, trackedFiles } from "./pages.ts";

const pages = readPages();

/** As GitHub makes them of headings. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(join(checkout, path), "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#+ (.*)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    const numbered = [
      anchor,
      ...Array.from({ length: 20 }, (_, index) => `${anchor}-${index + 1}`),
    ];
    anchors.add(numbered.find((candidate) => !anchors.has(candidate)) ?? anchor);
  }
  return anchors;
}

/** Why a link from a page leads nowhere; undefined when it does. */
function whyDead(from: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) {
    const url = URL.parse(target);
    const isLocal = url?.hostname === "localhost";
    return url !== null && (url.protocol === "https:" || isLocal) ? undefined : "not https";
  }
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : normalize(join(dirname(from), path));
  if (file.startsWith("..") || !existsSync(join(checkout, file))) {
    return "no such file";
  }
  if (anchor === undefined || statSync(join(checkout, file)).isDirectory()) {
    return undefined;
  }
  return anchorsOf(file).has(anchor) ? undefined : "no such heading";
}

function deadAmong(links: readonly { from: string; at: string; target: string }[]): string[] {
  return links.flatMap(({ from, at, target }) => {
    const reason = whyDead(from, target);
    return reason === undefined ? [] : [`${at}: ${target}: ${reason}`];
  });
}

describe("links", () => {
  test("of every page lead somewhere", () => {
    const links = pages.flatMap(({ path, prose }) =>
      [...prose.replaceAll(/`[^`\n]*`/g, "code").matchAll(/\]\(([^)\s]+)\)/g)].map(
        ([, target = ""]) => ({ from: path, at: path, target }),
      ),
    );
    assert.ok(links.length > 100, `only ${links.length} links were found`);
    assert.deepEqual(deadAmong(links), []);
  });

  test("in the text of programs lead somewhere", () => {
    const programs = trackedFiles("*.ts", "*.mjs", "*.yaml", "*.json").filter(
      (path) => !/\.test\.ts$|^tests\/|package-lock/.test(path),
    );
    const links = programs.flatMap((path) =>
      [
        ...readFileSync(join(checkout, path), "utf8").matchAll(
          /\bdocs\/[\w/.-]+\.md(#[a-z][\w-]*)?/g,
        ),
      ].map(([target]) => ({ from: "README.md", at: path, target })),
    );
    assert.ok(links.length > 5, `only ${links.length} pages are named`);
    assert.deepEqual(deadAmong(links), []);
  });
});
