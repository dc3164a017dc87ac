import type { PreviewState } from "../../data/preview.ts";
import { isOutdated, usePreview } from "./preview-state.ts";

/** A busy machine is slow, and so is what never ends: who waits must know that it is neither done nor lost. */
function doing(state: PreviewState | undefined): string {
  if (state?.slowSeconds !== undefined) {
    return `Preview: generating for ${state.slowSeconds} s so far …`;
  }
  return state?.isChecking === true ? "Preview: checking types …" : "Preview";
}

interface PreviewBadgeProps {
  /** Whether the page shows words of the contract that it was loaded with. */
  readonly hasContract: boolean;
  readonly problemsAreHidden: boolean;
  readonly onProblems: () => void;
}

/** What the preview is doing, in the head of every page. */
export function PreviewBadge({ hasContract, problemsAreHidden, onProblems }: PreviewBadgeProps) {
  const preview = usePreview();
  const { state, isConnected } = preview;
  const problems = state?.problems ?? [];
  if (!isConnected) {
    return (
      <span class="preview-badge off">{state === undefined ? "Preview …" : "Preview ended"}</span>
    );
  }
  if (problems.length > 0 && problemsAreHidden) {
    return (
      <button type="button" class="preview-badge faulty" onClick={onProblems}>
        {problems.length === 1 ? "1 problem" : `${problems.length} problems`}
      </button>
    );
  }
  if (hasContract && isOutdated(preview)) {
    return (
      <button type="button" class="preview-badge faulty" onClick={() => location.reload()}>
        The contract has changed: load anew
      </button>
    );
  }
  const due = state?.filesDue ?? [];
  return (
    <span
      class="preview-badge"
      title={
        due.length === 0
          ? "What is shown is what the generated files have."
          : `Not in the generated files yet: ${due.join(", ")}. npm run generate writes them.`
      }
    >
      {doing(state)}
      {due.length > 0 && <span class="preview-due"> · generate is due</span>}
    </span>
  );
}
