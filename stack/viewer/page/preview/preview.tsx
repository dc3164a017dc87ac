import { useEffect, useRef, useState } from "preact/hooks";
import type { PreviewProblem, PreviewState } from "../../data/preview.ts";

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

/** A busy machine is slow, and so is what never ends: who waits must know that it is neither done nor lost. */
function doing(state: PreviewState | undefined): string {
  if (state?.slowSeconds !== undefined) {
    return `Preview: generating for ${state.slowSeconds} s so far …`;
  }
  return state?.isChecking === true ? "Preview: checking types …" : "Preview";
}

interface PreviewProblemsProps {
  readonly problems: readonly PreviewProblem[];
  readonly onHide: () => void;
}

const titles = {
  syntax: "It cannot be read",
  generation: "Generating failed",
  types: "The types do not fit",
} as const satisfies Record<PreviewProblem["kind"], string>;

/** Over the page: what is wrong with the files as they were saved, until it is mended or hidden. */
export function PreviewProblems({ problems, onHide }: PreviewProblemsProps) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const hide = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) {
        onHide();
      }
    };
    addEventListener("keydown", hide);
    return () => removeEventListener("keydown", hide);
  }, [onHide]);
  const isShownOld = problems.some(({ kind }) => kind !== "types");
  return (
    <section ref={element} class="problems" role="alert" aria-label="Problems of the preview">
      <header>
        <strong>{problems.length === 1 ? "1 problem" : `${problems.length} problems`}</strong>
        <span class="weak">
          {isShownOld
            ? "The page shows what was there before."
            : "The page shows what was saved; the compiler refuses it."}
        </span>
        <button type="button" class="button" onClick={onHide}>
          Hide
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
      <ol tabIndex={0} aria-label="Problems">
        {problems.map((problem, place) => (
          <li key={place}>
            <Problem problem={problem} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Problem({ problem }: { readonly problem: PreviewProblem }) {
  const { kind, file, line, column, message, source } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return (
    <>
      <p class="problem-head">
        <span class="problem-kind">{titles[kind]}</span> {place !== "" && <code>{place}</code>}
      </p>
      <pre class="problem-message">{message}</pre>
      {source !== undefined && line !== undefined && (
        <pre class="problem-source">
          <span class="weak">{String(line).padStart(4)} │ </span>
          {source}
          {column !== undefined && (
            <>
              {"\n"}
              <span class="weak">{"     │ "}</span>
              {source.slice(0, column - 1).replaceAll(/[^\t]/g, " ")}
              <span class="problem-mark">^</span>
            </>
          )}
        </pre>
      )}
    </>
  );
}

/** What an open page knows of the preview that serves it. */
interface Preview {
  /** Undefined until it is told for the first time. */
  readonly state: PreviewState | undefined;
  /** Whether the preview tells of changes at this moment. */
  readonly isConnected: boolean;
}

const listeners = new Set<() => void>();
let preview: Preview = { state: undefined, isConnected: false };
let source: EventSource | undefined;

/** Whether this page is served by a preview. */
export const isPreview = document.documentElement.dataset.preview !== undefined;

function set(changes: Partial<Preview>): void {
  preview = { ...preview, ...changes };
  for (const listener of listeners) {
    listener();
  }
}

function listen(): void {
  source = new EventSource("/api/viewer/preview");
  source.addEventListener("message", ({ data }) =>
    set({ state: JSON.parse(data) as PreviewState, isConnected: true }),
  );
  // The browser connects again by itself.
  source.addEventListener("error", () => set({ isConnected: false }));
}

/** Listens while the page is looked at: browsers keep six connections to a server for all its pages. */
export function followPreview(): void {
  if (!isPreview) {
    return;
  }
  listen();
  document.addEventListener("visibilitychange", () => {
    source?.close();
    if (!document.hidden) {
      listen();
    }
  });
}

export function usePreview(): Preview {
  const [, setSeen] = useState(preview);
  useEffect(() => {
    const listener = () => setSeen(preview);
    listener();
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return preview;
}

/** Grows whenever other dashboards or datasources are to be shown; 0 without a preview. */
export function useGeneration(): number {
  return usePreview().state?.generation ?? 0;
}

/** Whether the contract has changed since this page was loaded, which has a copy of it. */
export function isOutdated({ state }: Preview = preview): boolean {
  return state !== undefined && !import.meta.url.includes(`/${state.pageDigest}/`);
}
