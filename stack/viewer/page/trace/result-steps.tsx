import { resultListWith } from "./result-list.ts";

/** The way back to the list in which the trace was found, and to the traces before and after it. */
export function ResultSteps({ traceId }: { readonly traceId: string }) {
  const list = resultListWith(traceId);
  if (list === undefined) {
    return null;
  }
  const place = list.traceIds.indexOf(traceId);
  return (
    <nav class="result-steps" aria-label="Traces of the result list">
      <a href={list.href}>{list.title}</a>
      <span class="weak">
        {place + 1} of {list.traceIds.length}
      </span>
      <span class="spread" />
      <Step title="← Previous" traceId={list.traceIds[place - 1]} />
      <Step title="Next →" traceId={list.traceIds[place + 1]} />
    </nav>
  );
}

function Step({
  title,
  traceId,
}: {
  readonly title: string;
  readonly traceId: string | undefined;
}) {
  return traceId === undefined ? (
    <span class="button step-off" aria-disabled="true">
      {title}
    </span>
  ) : (
    <a class="button" href={`/trace/${traceId}`}>
      {title}
    </a>
  );
}
