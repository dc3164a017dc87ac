import { useEffect } from "preact/hooks";
import { Message } from "../shell/message.tsx";
import { ResultSteps } from "./result-steps.tsx";
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
