import { z } from "zod";
import { probe } from "./probe.ts";

const counts = z.record(z.string(), z.number());

const ingestSchema = z.object({
  exports: z.object({ taken: z.number(), refused: z.number() }),
  refusals: counts,
  spans: z.object({ taken: z.number(), rejected: z.number() }),
  outcomes: counts,
  removed: counts,
});

/** What the embedded store counted of what it was sent since it started. */
export type IngestCounts = z.infer<typeof ingestSchema>;

const answerLimitMs = 5_000;

/** Null when nothing answers there, or it is no embedded store. */
export async function fetchIngestCounts(tempoUrl: string): Promise<IngestCounts | null> {
  const answer = await probe(`${tempoUrl}/status/intake`, answerLimitMs);
  return ingestSchema.safeParse(answer?.body).data ?? null;
}
