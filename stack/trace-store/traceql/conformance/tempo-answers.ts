/** What is compared of an answer: sets of spans, or series with rounded values. */
export interface Answer {
  readonly error?: string;
  readonly lines?: readonly string[];
}

interface Attribute {
  readonly key: string;
  readonly value: unknown;
}

interface SearchDocument {
  readonly traces?: readonly {
    readonly traceID?: string;
    readonly spanSets?: readonly {
      readonly matched?: number;
      readonly attributes?: readonly Attribute[];
      readonly spans: readonly { readonly spanID?: string }[];
    }[];
  }[];
}

interface SeriesDocument {
  readonly series?: readonly {
    readonly labels?: readonly Attribute[];
    readonly value?: number | string;
    readonly samples?: readonly {
      readonly timestampMs: string;
      readonly value?: number | string;
    }[];
  }[];
}

/** A line for each spanset. Ids get their leading zeros back, which Tempo loses. */
export function searchAnswer(document: SearchDocument): Answer {
  const lines = (document.traces ?? []).flatMap(({ traceID = "", spanSets = [] }) =>
    spanSets.map(({ matched, spans }) => {
      const ids = spans.map(({ spanID = "" }) => spanID.padStart(16, "0")).sort();
      return `${traceID.padStart(32, "0")} ${matched} ${ids.join(" ")}`;
    }),
  );
  return { lines: lines.sort() };
}

/** A line for each series, with what is not 0. */
export function seriesAnswer(document: SeriesDocument): Answer {
  const lines = (document.series ?? []).map(({ labels = [], value, samples = [] }) => {
    const texts = labels.map((label) => `${label.key}=${JSON.stringify(label.value)}`).sort();
    const values = [...samples, { timestampMs: "", value: value ?? 0 }]
      .filter((sample) => Number(sample.value ?? 0) !== 0)
      .map((sample) => `${sample.timestampMs}:${Number(sample.value).toPrecision(6)}`);
    return [...texts, ...values].join(" ");
  });
  return { lines: lines.sort() };
}
