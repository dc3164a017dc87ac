/** What can be told of a query by its text alone, for any store that understands it. */

const metricsFunction =
  /\|\s*(rate|count_over_time|(?:min|max|avg|sum|quantile|histogram)_over_time|compare)\s*\(/;
const durationFunction =
  /\|\s*(?:min|max|avg|sum|quantile|histogram)_over_time\s*\(\s*(?:duration|traceDuration|(?:span|trace):duration|event:timeSinceStart)\s*[,)]/;

/** A metrics function after a bar, wherever no string is. */
export function isMetricsQuery(text: string): boolean {
  return metricsFunction.test(withoutStrings(text));
}

/** Whether the numbers of a metrics query are durations, which are answered in seconds. */
export function measuresDurations(text: string): boolean {
  return durationFunction.test(withoutStrings(text));
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""');
}
