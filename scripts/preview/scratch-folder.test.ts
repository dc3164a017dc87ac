import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seedRepository } from "../testing/seeded-repository.ts";
import { ScratchFolder } from "./scratch-folder.ts";

test("shows what is generated and nothing older, and says whether that is something else", (context) => {
  const checkout = seedRepository(context, { "dashboards/generated/one.json": "committed" });
  const ended = join(checkout, "node_modules", ".cache", "miniserve", "preview", "999999999");
  mkdirSync(ended, { recursive: true });
  const scratch = new ScratchFolder(checkout);
  assert.equal(existsSync(ended), false, "what an earlier preview has left behind");
  const one = { path: "dashboards/generated/one.json", content: "1" };
  const two = { path: "provisioning/generated/grafana/datasources/two.yaml", content: "2" };
  const other = { path: "docs/generated/three.md", content: "3" };
  const at = ({ path }: { path: string }) => join(scratch.path, path);
  assert.equal(scratch.show([one, two, other]), true);
  assert.equal(scratch.show([one, two, { ...other, content: "33" }]), false);
  assert.equal(existsSync(at(other)), false);
  assert.equal(scratch.show([{ ...one, content: "11" }]), true);
  assert.equal(readFileSync(at(one), "utf8"), "11");
  assert.equal(existsSync(at(two)), false);
  assert.equal(scratch.show([{ ...one, content: "11" }]), false);
  assert.equal(readFileSync(join(checkout, one.path), "utf8"), "committed");
  scratch.remove();
  assert.equal(existsSync(scratch.path), false);
});
