import { useEffect } from "preact/hooks";
import { Message } from "../shell/message.tsx";
import { resultListWith } from "./result-list.ts";
import { TraceView } from "./trace-view.tsx";

/** The page of a trace. @param traceId as the address has it, perhaps without leading zeros. */
export function TracePage({ traceId, address }: { traceId: string; address: URL }) {
  const id = traceId.toLowerCase().padStart(32, "0");
  useEffect(() => {
    document.title = `Trace ${id.slice(0, 8)} · miniserve viewer`;
  }, [id]);
  if (/^0*$/.test(id)) {
    return <Message kind="error" title="A trace's id is not all zeros." />;
  }
  return (
    <div class="trace-page">
      <ResultSteps traceId={id} />
      <TraceView
        key={id}
        traceId={id}
        firstSpanId={address.searchParams.get("span")?.toLowerCase().padStart(16, "0")}
      />
    </div>
  );
}

/** The way back to the list in which the trace was found, and to the traces before and after it. */
function ResultSteps({ traceId }: { readonly traceId: string }) {
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
