import assert from "node:assert/strict";
import { test } from "node:test";
import { maxPartCharacters, splitDocument } from "./build-index.ts";

const markdown = { isMarkdown: true, fallbackTitle: "file.md" };
const plain = { isMarkdown: false, fallbackTitle: "file.txt" };

test("a part knows the headings above it, and code has none", () => {
  const document = [
    "before",
    "# Title #",
    "intro",
    "## One",
    "first",
    "```sh",
    "# no heading",
    "```",
    "#### Deep",
    "deep",
    "## Two",
    "second",
    "#no heading either",
  ].join("\r\n");
  const { title, parts } = splitDocument(`\uFEFF${document}`, markdown);
  assert.equal(title, "Title");
  assert.deepEqual(
    parts.map(({ headings, text }) => [headings.join(" > "), text]),
    [
      ["Title", "before"],
      ["Title", "intro"],
      ["Title > One", "first\n```sh\n# no heading\n```"],
      ["Title > One > Deep", "deep"],
      ["Title > Two", "second\n#no heading either"],
    ],
  );
});

test("without a heading the file's name is the title, and what is blank is no part", () => {
  assert.deepEqual(splitDocument("\n \n", plain), { title: "file.txt", parts: [] });
  assert.deepEqual(splitDocument("# not Markdown", plain).parts, [
    { headings: ["file.txt"], text: "# not Markdown" },
  ]);
});

test("no part is too long, nothing is lost, and words stay whole where they can", () => {
  const words = Array.from({ length: 900 }, (_, index) => `word${index}`);
  const contents = [
    words.join(" "),
    words.join("\n"),
    words.join("\n\n"),
    `${words.join(" ")}\n\n${words.join("\n")}`,
    "x".repeat(5000),
  ];
  for (const content of contents) {
    const { parts } = splitDocument(content, plain);
    assert.ok(parts.every(({ text }) => text.length <= maxPartCharacters && text !== ""));
    const joined = parts.map(({ text }) => text).join(content.includes(" ") ? " " : "\n");
    if (!content.startsWith("x")) {
      assert.deepEqual(joined.split(/\s+/), content.split(/\s+/));
    }
  }
});

test("a table is split into rows of its own", () => {
  const rows = Array.from({ length: 20 }, (_, row) => `| name${row} | what it is for, at length |`);
  const table = ["| name | meaning |", "|---|---|", ...rows].join("\n");
  const { parts } = splitDocument(`# T\n\nbefore\n\n${table}\n\nafter`, markdown);
  assert.deepEqual([parts[0]?.text, parts.at(-1)?.text], ["before", "after"]);
  assert.ok(parts.slice(1, -1).every(({ text }) => text.startsWith("|") && text.length <= 300));
  assert.equal(parts.filter(({ text }) => text.includes("|---|")).length, 0);
});
