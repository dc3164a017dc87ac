import type { SampledTrace, Span } from "#contract";
import { type Check, orFine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import type { AskedStore } from "../subject.ts";
import { isSeen, type ServiceSample, spansOf } from "./samples.ts";

/** What an SDK left out because of a limit, and what it seems to have cut: on the wire nothing marks that. */
export function attributesCheck(
  { option }: AskedStore,
  samples: () => Promise<readonly ServiceSample[]>,
): Check {
  return {
    name: "Attributes",
    why: "An SDK drops and cuts attributes at its limits in silence, and a query for the rest finds nothing.",
    look: async () => {
      const read = await samples();
      if (!read.some(isSeen)) {
        return skipped("there is no trace to look at.");
      }
      return orFine(
        read.flatMap((sample) => [...findDropped(sample, option), ...findCut(sample, option)]),
        "none left out, and none looks cut.",
      );
    },
  };
}

function findDropped({ service, traces }: ServiceSample, option: string): Seen[] {
  const found = traces.filter((trace) => spansOf(service, trace).some(hasDropped));
  const [newest] = found;
  return newest === undefined
    ? []
    : [
        new Finding("attributes_dropped", {
          service,
          count: found.length,
          all: traces.length,
          example: `${newest.traceId}${option}`,
        }),
      ];
}

function hasDropped(span: Span): boolean {
  return (
    span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount > 0 ||
    span.resource.droppedAttributesCount > 0 ||
    [...span.events, ...span.links].some(({ droppedAttributesCount }) => droppedAttributesCount > 0)
  );
}

/** Shorter texts have the same length by chance. */
const leastCharacters = 32;
/** Limits that people set. Two different texts of one length are enough at any other. */
const usualLimits = new Set([64, 100, 128, 250, 255, 256, 500, 512, 1000, 1024, 2000, 2048, 4095]);

/** Ids, hashes and addresses of one form have one length. */
const oneWord = /^[\w.:/=+-]+$/;

function findCut({ service, traces }: ServiceSample, option: string): Seen[] {
  const byKey = Map.groupBy(
    traces.flatMap((trace) => longTexts(service, trace)),
    ({ key }) => key,
  );
  return [...byKey].flatMap(([key, texts]) => {
    const length = Math.max(...texts.map(({ text }) => text.length));
    const longest = texts.filter(({ text }) => text.length === length);
    const different = new Set(longest.map(({ text }) => text)).size;
    const [example] = longest;
    const isCut = different > 1 || usualLimits.has(length);
    return example !== undefined && isCut
      ? [
          new Finding("attributes_cut", {
            key,
            service,
            length,
            example: `${example.traceId}${option}`,
          }),
        ]
      : [];
  });
}

function longTexts(service: string, trace: SampledTrace) {
  return spansOf(service, trace).flatMap(({ attributes, events, traceId }) =>
    [...attributes, ...events.flatMap((event) => event.attributes)].flatMap(({ key, value }) =>
      value.type === "string" && value.value.length >= leastCharacters && !oneWord.test(value.value)
        ? [{ key, text: value.value, traceId }]
        : [],
    ),
  );
}
