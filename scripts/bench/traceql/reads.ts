import { StackError } from "../../../stack/index.ts";
import type { Goal, PartResult } from "../bench-run.ts";
import { cpuTimeUs } from "../running-program.ts";
import { formatMs, percentile } from "../statistics.ts";
import { createPath, type Range, type Shape, shapes } from "./shapes.ts";
import type { SizeBench } from "./traceql-run.ts";

const warmUps = 3;
/** Up to this size the limits below are goals. */
const smallSpans = 150_000;
const limitMs = { search: 30, metrics: 100 } as const;

interface Content {
  readonly size: number;
  readonly total: number;
}

interface MeasuredShape {
  readonly shape: Shape;
  readonly store: Times;
  /** CPU time of the store's process a question, which neighbours change less than they change times. */
  readonly storeCpuMs: number;
  readonly tempo: Times | undefined;
  /** Tempo's p50 over the store's. */
  readonly ratio: number | undefined;
  readonly content: { readonly store: Content; readonly tempo: Content | undefined };
}

/** Asks each shape over and over, of the store and of Tempo by turns. */
export async function measureReads(bench: SizeBench): Promise<PartResult> {
  const measured: MeasuredShape[] = [];
  for (const shape of shapes) {
    const one = await measureShape(bench, shape);
    measured.push(one);
    const beside = one.tempo === undefined ? "" : `, Tempo ${formatMs(one.tempo.p50Ms)} ms`;
    bench.progress(`${shape.name}: ${formatMs(one.store.p50Ms)} ms${beside}`);
  }
  return {
    columns: [
      "shape",
      "found",
      "p50 ms",
      "p95 ms",
      "CPU ms",
      ...(bench.tempo === undefined
        ? []
        : ["Tempo found", "Tempo p50 ms", "Tempo p95 ms", "Tempo / store"]),
    ],
    rows: measured.map(({ shape, store, storeCpuMs, tempo, ratio, content }) => [
      shape.name,
      contentText(shape, content.store),
      formatMs(store.p50Ms),
      formatMs(store.p95Ms),
      formatMs(storeCpuMs),
      ...(tempo === undefined || content.tempo === undefined
        ? []
        : [
            contentText(shape, content.tempo),
            formatMs(tempo.p50Ms),
            formatMs(tempo.p95Ms),
            (ratio ?? 0).toFixed(2),
          ]),
    ]),
    goals: listGoals(measured, bench.spans),
    values: measured,
  };
}

async function measureShape(bench: SizeBench, shape: Shape): Promise<MeasuredShape> {
  const { store, tempo, range, questions } = bench;
  const urls = [store.url, ...(tempo === undefined ? [] : [tempo.url])];
  const times: number[][] = urls.map(() => []);
  const bodies = urls.map(() => "");
  let cpuBeforeUs = 0;
  for (let turn = -warmUps; turn < questions; turn++) {
    if (turn === 0) {
      cpuBeforeUs = cpuTimeUs(store.program.pid);
    }
    for (const [index, url] of urls.entries()) {
      const { elapsedMs, body } = await ask(url, shape, range);
      bodies[index] = body;
      if (turn >= 0) {
        times[index]?.push(elapsedMs);
      }
    }
  }
  const storeCpuMs = (cpuTimeUs(store.program.pid) - cpuBeforeUs) / questions / 1000;
  const [ofStore, ofTempo] = times.map(computeTimes);
  const [inStore, inTempo] = bodies.map((body) => readContent(shape, body));
  if (ofStore === undefined || inStore === undefined) {
    throw new Error("Nothing was asked.");
  }
  return {
    shape,
    store: ofStore,
    storeCpuMs,
    tempo: ofTempo,
    ratio: ofTempo === undefined ? undefined : ofTempo.p50Ms / ofStore.p50Ms,
    content: { store: inStore, tempo: inTempo },
  };
}

function contentText({ kind }: Shape, { size, total }: Content): string {
  return kind === "search" ? `${size} traces` : `${size} series, sum ${total.toPrecision(6)}`;
}

function listGoals(measured: readonly MeasuredShape[], spans: number): Goal[] {
  const kinds = spans > smallSpans ? [] : (["search", "metrics"] as const);
  const limits = kinds.map((kind) => {
    const slowest = Math.max(
      ...measured.filter(({ shape }) => shape.kind === kind).map(({ store }) => store.p95Ms),
    );
    return {
      sentence: `every ${kind} below ${limitMs[kind]} ms, p95 (${formatMs(slowest)})`,
      isReached: slowest < limitMs[kind],
    };
  });
  const ratios = measured.flatMap(({ ratio }) => ratio ?? []);
  if (ratios.length === 0) {
    return limits;
  }
  const smallest = Math.min(...ratios);
  const faster = {
    sentence: `every shape faster than Tempo (the closest ${smallest.toFixed(2)} times)`,
    isReached: smallest > 1,
  };
  return [...limits, faster];
}

const answerLimitMs = 120_000;

/** Times of questions of one kind, in milliseconds. */
interface Times {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export function computeTimes(milliseconds: readonly number[]): Times {
  return {
    count: milliseconds.length,
    p50Ms: percentile(milliseconds, 0.5),
    p95Ms: percentile(milliseconds, 0.95),
    maxMs: percentile(milliseconds, 1),
  };
}

/** A question that was answered. */
interface ReadRequest {
  /** From the first byte sent to the last byte of the answer. */
  readonly elapsedMs: number;
  readonly body: string;
}

/** @throws StackError `query_refused` for any answer but 200: what is not answered is no figure. */
export async function ask(url: string, shape: Shape, range: Range): Promise<ReadRequest> {
  const address = `${url}${createPath(shape, range)}`;
  const askedAt = performance.now();
  const response = await fetch(address, { signal: AbortSignal.timeout(answerLimitMs) });
  const body = await response.text();
  const elapsedMs = performance.now() - askedAt;
  if (!response.ok) {
    throw new StackError("query_refused", { status: response.status, answer: body.slice(0, 300) });
  }
  return { elapsedMs, body };
}

interface SearchAnswer {
  readonly traces?: readonly unknown[];
}

interface SeriesAnswer {
  readonly series?: readonly {
    readonly samples?: readonly { readonly value?: number | string }[];
  }[];
}

/** What is in an answer, so that two stores can be compared: traces, or series and the sum of samples. */
function readContent(shape: Shape, body: string): { size: number; total: number } {
  const answer = JSON.parse(body) as SearchAnswer & SeriesAnswer;
  if (shape.kind === "search") {
    const found = answer.traces?.length ?? 0;
    return { size: found, total: found };
  }
  const series = answer.series ?? [];
  const values = series.flatMap(({ samples = [] }) => samples.map(({ value }) => Number(value)));
  const counted = values.filter((value) => Number.isFinite(value));
  return { size: series.length, total: counted.reduce((sum, value) => sum + value, 0) };
}
