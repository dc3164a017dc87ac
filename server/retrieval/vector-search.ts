import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";

/** A row of an index and how near it is: the cosine, from -1 to 1. */
export interface Neighbour {
  readonly row: number;
  readonly similarity: number;
}

export interface VectorSearch {
  /** The nearest rows, the nearest first. */
  nearest(vector: Float32Array, count: number): Neighbour[];
}

/** Up to so many rows a scan is as quick as a search in a graph, and never misses one. */
export const exactRowLimit = 4096;
const graphName = "vectors.usearch";
/** The graph is asked for more than is wanted, because it may miss some. */
const overfetch = 4;
const rowsAtATime = 256;

/** Compares with every row. */
export function exactSearch(vectors: Float32Array, dimension: number): VectorSearch {
  const rows = vectors.length / dimension;
  return {
    nearest: (vector, count) =>
      findNearest(
        Array.from({ length: rows }, (_, row) => row),
        { vectors, vector, dimension, count },
      ),
  };
}

function findNearest(
  rows: readonly number[],
  {
    vectors,
    vector,
    dimension,
    count,
  }: {
    readonly vectors: Float32Array;
    readonly vector: Float32Array;
    readonly dimension: number;
    readonly count: number;
  },
): Neighbour[] {
  return rows
    .map((row) => ({
      row,
      similarity: dot(vectors.subarray(row * dimension, (row + 1) * dimension), vector),
    }))
    .sort((left, right) => right.similarity - left.similarity || left.row - right.row)
    .slice(0, count);
}

/** The cosine, for vectors of length 1. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) {
    sum += (left[index] ?? 0) * (right[index] ?? 0);
  }
  return sum;
}

/** Writes usearch's graph beside the vectors, for indexes that are too large to be scanned. */
export async function saveGraph(
  directory: string,
  vectors: Float32Array,
  dimension: number,
): Promise<void> {
  const rows = vectors.length / dimension;
  if (rows <= exactRowLimit) {
    return;
  }
  const graph = await newGraph(dimension);
  for (let row = 0; row < rows; row += rowsAtATime) {
    const count = Math.min(rowsAtATime, rows - row);
    const keys = BigUint64Array.from({ length: count }, (_, index) => BigInt(row + index));
    graph.add(keys, vectors.subarray(row * dimension, (row + count) * dimension), 1);
    // Adding blocks; others get their turn in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const path = join(directory, graphName);
  graph.save(`${path}.new`);
  await rename(`${path}.new`, path);
}

/** Undefined where no graph was needed. */
export async function loadGraph(
  directory: string,
  vectors: Float32Array,
  dimension: number,
): Promise<VectorSearch | undefined> {
  const path = join(directory, graphName);
  if (!existsSync(path)) {
    return undefined;
  }
  const graph = await newGraph(dimension);
  graph.load(path);
  return {
    nearest(vector, count) {
      const { keys } = graph.search(vector, Math.min(count * overfetch, graph.size()), 1);
      const rows = Array.from(keys, Number).filter((row) => row * dimension < vectors.length);
      // Scored as the scan does it, so that a score means the same in every index.
      return findNearest(rows, { vectors, vector, dimension, count });
    },
  };
}

/** Loaded when it is needed: most indexes are small, and it is native code. */
async function newGraph(dimensions: number) {
  const { Index, MetricKind, ScalarKind } = await import("usearch");
  return new Index({
    dimensions,
    metric: MetricKind.IP,
    quantization: ScalarKind.F32,
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 128,
    multi: false,
  });
}
