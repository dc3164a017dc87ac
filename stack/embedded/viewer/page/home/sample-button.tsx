import { useState } from "preact/hooks";
import type { SampleReport } from "../../data/home/server-state.ts";
import { formatText } from "../../data/units.ts";
import { postJson } from "../api/get-json.ts";

interface SampleButtonProps {
  /** Called when its trace may be in the store. */
  readonly onSent: () => void;
}

/** Spans are sent in batches: they are in the store a moment after the answer. */
const deliveryMs = 2_500;

/** Sends the server one small request, and leads to its trace. */
export function SampleButton({ onSent }: SampleButtonProps) {
  const [isSending, setSending] = useState(false);
  const [report, setReport] = useState<SampleReport>();
  const [fault, setFault] = useState<string>();
  const sendIt = async () => {
    setSending(true);
    setFault(undefined);
    setReport(undefined);
    try {
      setReport(await postJson<SampleReport>("/api/viewer/sample-request"));
      setTimeout(onSent, deliveryMs);
    } catch (error) {
      setFault((error as Error).message);
    } finally {
      setSending(false);
    }
  };
  return (
    <div class="sample">
      <button
        type="button"
        class="button primary"
        disabled={isSending}
        onClick={() => void sendIt()}
      >
        {isSending ? "The model answers …" : "Send a sample request"}
      </button>
      <p role="status" class={fault === undefined ? "" : "sample-fault"}>
        {fault}
        {report !== undefined && <Sent report={report} />}
      </p>
    </div>
  );
}

function Sent({ report: { traceId, durationMs, completionTokens } }: { report: SampleReport }) {
  const tokens = completionTokens === null ? "" : `${completionTokens} tokens in `;
  return (
    <>
      Answered: {tokens}
      {formatText(durationMs, "ms")}.{" "}
      {traceId === null ? (
        "It has no trace."
      ) : (
        <a href={`/trace/${encodeURIComponent(traceId)}`}>Its trace</a>
      )}
    </>
  );
}
