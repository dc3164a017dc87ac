import { gzipSync } from "node:zlib";
import type { PartResult } from "../bench-run.ts";
import { formatCount } from "../format-figures.ts";
import type { ViewerBench } from "./viewer-run.ts";

const goalBytes = 600_000;

/** The script and the style that every page has, as they are and as gzip would send them. */
export async function measureBundle({ address }: ViewerBench): Promise<PartResult> {
  const page = await (await fetch(address)).text();
  const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)];
  const assets = await Promise.all(
    paths.map(async ([, path = ""]) => {
      const content = Buffer.from(await (await fetch(`${address}${path}`)).arrayBuffer());
      const name = path.slice(path.lastIndexOf("/") + 1);
      return { name, bytes: content.length, gzippedBytes: gzipSync(content).length };
    }),
  );
  const whole = assets.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
  return {
    columns: ["file", "bytes", "gzipped"],
    rows: assets.map(({ name, bytes, gzippedBytes }) => [
      name,
      formatCount(bytes),
      formatCount(gzippedBytes),
    ]),
    goals: [
      {
        sentence: `less than ${formatCount(goalBytes)} bytes, gzipped (${formatCount(whole)})`,
        isReached: whole < goalBytes && assets.length > 1,
      },
    ],
    values: assets,
  };
}
