import { useState } from "preact/hooks";
import { datasourceUids } from "#contract";
import { requestOfTrace } from "../../data/home/home-queries.ts";
import type { SampleReport } from "../../data/home/server-state.ts";
import { requestOf } from "../../data/target-request.ts";
import type { SearchAnswer } from "../../data/tempo-answers.ts";
import { formatText } from "../../data/units.ts";
import { getJson, postJson } from "../api/get-json.ts";

interface SampleButtonProps {
  /** Called when its trace is in the store, or should have been for long. */
  readonly onStored: () => void;
}

const tempoPath = `/api/datasources/proxy/uid/${datasourceUids.tempo}`;
const pauseMs = 500;
const patienceMs = 20_000;

/** Spans are sent in batches: they are in the store some time after the answer. */
async function untilStored(traceId: string): Promise<void> {
  const query = requestOfTrace(traceId);
  const fromMs = Date.now() - patienceMs;
  for (let passedMs = 0; passedMs < patienceMs; passedMs += pauseMs) {
    const request = requestOf({ limit: 1 }, query, { fromMs, toMs: Date.now() + patienceMs });
    const found = await getJson<SearchAnswer>(`${tempoPath}${request?.path}`);
    if ((found.traces ?? []).length > 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Sends the server one small request, and leads to its trace. */
export function SampleButton({ onStored }: SampleButtonProps) {
  const [isSending, setSending] = useState(false);
  const [report, setReport] = useState<SampleReport>();
  const [fault, setFault] = useState<string>();
  const sendIt = async () => {
    setSending(true);
    setFault(undefined);
    setReport(undefined);
    try {
      const sent = await postJson<SampleReport>("/api/viewer/sample-request");
      setReport(sent);
      setSending(false);
      if (sent.traceId !== null) {
        await untilStored(sent.traceId);
      }
      onStored();
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
