import { findString, getServiceKey, type SampledTrace, type Span } from "#contract";
import { miniserve } from "#miniserve";
import { listServices, recentTraces } from "../../../stack/index.ts";
import type { AskedStore } from "../subject.ts";

/** Newest traces of a service. */
export interface ServiceSample {
  readonly service: string;
  readonly traces: readonly SampledTrace[];
}

/** More are not looked at: the others are like these. */
const mostServices = 8;
const tracesPerService = 30;

/** The newest traces of each service that sent some, those of the configuration first. */
export async function readSamples(
  { tempoUrl, authorization }: AskedStore,
  { configured, sinceSeconds }: { configured: readonly string[]; sinceSeconds: number },
): Promise<ServiceSample[]> {
  const end = Math.ceil(Date.now() / 1000) + 1;
  const range = { start: end - sinceSeconds, end, authorization };
  const seen = await listServices(tempoUrl, range);
  const names = [...new Set([...configured, ...seen])].slice(0, mostServices);
  const samples: ServiceSample[] = [];
  for (const service of names) {
    const traces: SampledTrace[] = [];
    const asked = { service, sinceMs: sinceSeconds * 1000, limit: tracesPerService, authorization };
    for await (const trace of recentTraces(tempoUrl, asked)) {
      traces.push(trace);
    }
    samples.push({ service, traces });
  }
  return samples;
}

export function isSeen({ traces }: ServiceSample): boolean {
  return traces.length > 0;
}

/** Those of a trace that the service sent. */
export function spansOf(service: string, { spans }: SampledTrace): Span[] {
  const key = getServiceKey(miniserve);
  return spans.filter(({ resource }) => findString(resource.attributes, key) === service);
}

/** When the last of some spans ended, in milliseconds since 1970. */
export function newestEndMs(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano / 1_000_000n)));
}
