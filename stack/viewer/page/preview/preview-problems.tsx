import { useEffect, useRef } from "preact/hooks";
import type { PreviewProblem } from "../../data/preview.ts";

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
