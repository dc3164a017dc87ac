import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { makePrivateFolder, privacySentences, restrictPermissions } from "./private-files.ts";

const skip = process.platform === "win32" ? "files have no such modes there" : false;
const readMode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("what others could read is mended, with all that is in it, and said once", { skip }, () => {
  const folder = join(temporaryDirectory(), "a", "b");
  makePrivateFolder(folder);
  assert.equal(readMode(folder), "700");
  assert.equal(readMode(join(folder, "..")), "700");
  const [inside, outside] = [join(folder, "inside"), temporaryDirectory()];
  mkdirSync(inside);
  const files = [join(folder, "one"), join(inside, "two"), join(outside, "three")];
  files.forEach((file) => void writeFileSync(file, ""));
  [...files, folder, inside, outside].forEach((path) => void chmodSync(path, 0o755));
  symlinkSync(outside, join(folder, "link"));
  const mended = restrictPermissions([folder, join(folder, "missing")]);
  assert.deepEqual(mended, { count: 4, failures: [] });
  assert.match(privacySentences(mended).join(), /^4 files and folders of an earlier version/);
  assert.deepEqual([folder, inside, ...files.slice(0, 2)].map(readMode), [
    "700",
    "700",
    "600",
    "600",
  ]);
  assert.equal(readMode(files[2] ?? ""), "755", "what a link leads to is somebody else's");
  assert.deepEqual(privacySentences(restrictPermissions([folder])), []);
});
