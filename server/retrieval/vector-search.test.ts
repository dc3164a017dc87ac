import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { randomWeights } from "../llama/models/gguf-writer.ts";
import {
  exactRowLimit,
  exactSearch,
  loadGraph,
  type Neighbour,
  saveGraph,
} from "./vector-search.ts";

const dimension = 16;

function unitRows(count: number): Float32Array {
  const values = randomWeights(11).values(count * dimension, 1);
  for (let row = 0; row < count; row++) {
    const part = values.subarray(row * dimension, (row + 1) * dimension);
    const length = Math.hypot(...part);
    part.set(part.map((value) => value / length));
  }
  return values;
}

test("the scan finds the nearest, in order, and no more than there are", () => {
  const vectors = unitRows(50);
  const search = exactSearch(vectors, dimension);
  const vector = vectors.slice(7 * dimension, 8 * dimension);
  const found = search.nearest(vector, 5);
  assert.equal(found[0]?.row, 7);
  assert.ok(Math.abs((found[0]?.similarity ?? 0) - 1) < 1e-5);
  const similarities = found.map(({ similarity }) => similarity);
  assert.deepEqual(
    similarities,
    similarities.toSorted((left, right) => right - left),
  );
  assert.equal(search.nearest(vector, 99).length, 50);
  assert.deepEqual(exactSearch(new Float32Array(0), dimension).nearest(vector, 3), []);
});

test("a large index has a graph, which finds nearly always what the scan finds", async () => {
  const directory = await mkdtemp(join(tmpdir(), "miniserve-graph-"));
  try {
    await saveGraph(directory, unitRows(exactRowLimit), dimension);
    assert.deepEqual(await readdir(directory), []);
    const vectors = unitRows(exactRowLimit + 1000);
    assert.equal(await loadGraph(directory, vectors, dimension), undefined);
    await saveGraph(directory, vectors, dimension);
    const graph = await loadGraph(directory, vectors, dimension);
    assert.ok(graph !== undefined);
    const exact = exactSearch(vectors, dimension);
    let same = 0;
    for (let query = 0; query < 50; query++) {
      const vector = vectors.slice(query * 90 * dimension, (query * 90 + 1) * dimension);
      const expected = exact.nearest(vector, 8);
      const found: Neighbour[] = graph.nearest(vector, 8);
      assert.deepEqual(found[0], expected[0]);
      const rows = new Set(expected.map(({ row }) => row));
      same += found.filter(({ row }) => rows.has(row)).length;
    }
    assert.ok(same >= 50 * 8 * 0.95, `${same} of 400`);
  } finally {
    await rm(directory, { recursive: true });
  }
});
