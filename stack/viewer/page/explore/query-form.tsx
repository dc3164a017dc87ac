import { useState } from "preact/hooks";
import type { ExploreState } from "../../data/explore/explore-state.ts";
import { faultIn } from "../../data/explore/query-fault.ts";
import { QueryEditor } from "./query-editor.tsx";
import { ShareButton } from "./share-button.tsx";

interface QueryFormProps {
  readonly state: ExploreState;
  /** What the store said of the query that was asked last, when it did not answer it. */
  readonly fault: string | undefined;
  readonly onRun: (changes: Partial<ExploreState>) => void;
}

const limits = [20, 50, 100, 200];

/** The query with its options, and what is wrong with it. */
export function QueryForm({ state, fault, onRun }: QueryFormProps) {
  const [draft, setDraft] = useState(state.query);
  const isAsAsked = draft === state.query;
  const place = fault === undefined || !isAsAsked ? undefined : faultIn(state.query, fault);
  const run = () => onRun({ query: draft });
  return (
    <form
      class="query-form"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <QueryEditor text={draft} fault={place} onText={setDraft} onRun={run} />
      {fault !== undefined && isAsAsked && (
        <p id="query-fault" class="query-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="bar-line">
        <button type="submit" class="button primary">
          Run query
        </button>
        <span class="weak keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Ctrl</kbd> <kbd>Space</kbd> completes
        </span>
        <span class="spread" />
        <label class="option">
          Traces
          <select
            class="button"
            value={state.limit}
            onChange={(event) => onRun({ query: draft, limit: Number(event.currentTarget.value) })}
          >
            {[...new Set([...limits, state.limit])].map((limit) => (
              <option key={limit}>{limit}</option>
            ))}
          </select>
        </label>
        <label class="option">
          Metrics
          <select
            class="button"
            value={state.metricsQueryType}
            onChange={(event) =>
              onRun({
                query: draft,
                metricsQueryType: event.currentTarget.value === "instant" ? "instant" : "range",
              })
            }
          >
            <option value="range">over time</option>
            <option value="instant">one value</option>
          </select>
        </label>
        <ShareButton />
      </div>
    </form>
  );
}
