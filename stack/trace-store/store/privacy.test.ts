import assert from "node:assert/strict";
import { chmodSync, existsSync, globSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { openStore, type StoreEvent } from "./index.ts";

const skip = process.platform === "win32" ? "files have no such modes there" : false;

/** Every file and folder with the rights that others have, if they have any. */
function readableByOthers(directory: string): string[] {
  return [directory, ...globSync(join(directory, "**", "*"))].filter(
    (path) => (statSync(path).mode & 0o077) !== 0,
  );
}

test("nothing that the store writes can be read by others", { skip }, async () => {
  const mask = process.umask(0o022);
  const directory = join(temporaryDirectory(), "stack", "data");
  const store = await openStore([miniserve], { directory });
  await store.append([sampleSpan()]);
  const written = await store.exportParquet({ sinceNs: null });
  assert.ok(existsSync(join(directory, "traces.duckdb.wal")));
  assert.ok(written.length === 3 && written.every(({ path }) => existsSync(path)));
  assert.deepEqual(readableByOthers(join(directory, "..")), []);
  await store.close();
  assert.deepEqual(readableByOthers(join(directory, "..")), []);
  process.umask(mask);
});

test("what an earlier version left readable is mended, and told", { skip }, async () => {
  const directory = join(temporaryDirectory(), "data");
  const first = await openStore([miniserve], { directory });
  await first.append([sampleSpan()]);
  await first.close();
  mkdirSync(join(directory, "exports"), { recursive: true });
  chmodSync(directory, 0o755);
  chmodSync(join(directory, "exports"), 0o755);
  chmodSync(join(directory, "traces.duckdb"), 0o644);
  const events: StoreEvent[] = [];
  const second = await openStore([miniserve], {
    directory,
    onEvent: (event) => events.push(event),
  });
  assert.deepEqual(events, [{ type: "privacy_mended", count: 3, failures: [] }]);
  assert.deepEqual(readableByOthers(directory), []);
  assert.equal((await second.counts()).spans, 1);
  await second.close();
});
