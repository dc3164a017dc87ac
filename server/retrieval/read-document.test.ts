import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findDocuments, maxDocumentBytes, readDocument } from "./document-files.ts";

test("what a file holds decides whether it is a document, and none holds the reading up", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "miniserve-read-"));
  context.after(() => rm(directory, { recursive: true }));
  const at = (name: string): string => join(directory, name);
  await writeFile(at("good.md"), "# Grün\n");
  await writeFile(at("empty.md"), "");
  await writeFile(at("mark.txt"), "\u{FEFF}text");
  await writeFile(at("random.md"), randomBytes(10_000));
  await writeFile(at("nul.md"), "text\0text");
  await writeFile(at("latin.txt"), Buffer.from("grün", "latin1"));
  await writeFile(at("utf16.txt"), Buffer.from("\u{FEFF}text", "utf16le"));
  await writeFile(at("huge.txt"), "");
  await truncate(at("huge.txt"), maxDocumentBytes + 1);
  await symlink("loop.md", at("loop.md"));
  await symlink("nowhere.md", at("dangling.md"));
  await symlink(".", at("folder.md"));
  await symlink("good.md", at("link.md"));
  execFileSync("mkfifo", [at("pipe.md")]);

  const documents = await findDocuments(["."], directory);
  const read = await Promise.all(
    documents.map(async ({ id, path }) => {
      const content = await readDocument(path);
      return [id, typeof content === "string" ? content : content.code] as const;
    }),
  );
  assert.deepEqual(Object.fromEntries(read), {
    "good.md": "# Grün\n",
    "link.md": "# Grün\n",
    "empty.md": "",
    "mark.txt": "text",
    "random.md": "document_binary",
    "nul.md": "document_binary",
    "latin.txt": "document_binary",
    "utf16.txt": "document_binary",
    "huge.txt": "document_too_large",
    "loop.md": "document_unreadable",
    "dangling.md": "document_unreadable",
    "pipe.md": "document_unreadable",
  });
});
