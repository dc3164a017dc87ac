import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { knownParameters } from "../../server/http/parameters.ts";

const docs = join(import.meta.dirname, "../../docs");
const read = (name: string): string => readFileSync(join(docs, name), "utf8");

/** The part of a document under a heading, up to the next one of any level. */
function section(document: string, heading: string): string {
  const at = document.indexOf(`\n## ${heading}\n`);
  assert.notEqual(at, -1, `There is no section "${heading}".`);
  const content = document.slice(at + heading.length + 5);
  return content.slice(0, content.search(/\n## |$(?![\s\S])/));
}

/** The cells of the first table in a text, without its head. */
function tableIn(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.replace(/^\|/, "").trim()),
    );
}

describe("the documentation says what the code does", () => {
  test("api.md has every parameter, and no other", () => {
    const parameters = section(read("api.md"), "Parameters");
    const taken = tableIn(parameters).map(([name = ""]) => /`([a-z_]+)`/.exec(name)?.[1]);
    const [, list = ""] =
      /is refused by\s+name([\s\S]*?);\s+and tokens as a prompt/.exec(parameters) ?? [];
    const [, ...refused] = [...list.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name);
    assert.deepEqual([...taken, ...refused].toSorted(), [...knownParameters].toSorted());
  });
});
