import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";
import type { Refusal } from "../../data/provisioned.ts";

interface MessageProps {
  readonly kind?: "error" | "warning" | "plain";
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** A message in the place of what cannot be shown. */
export function Message({ kind = "plain", title, children }: MessageProps) {
  return (
    <div class={`message message-${kind}`} role={kind === "error" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

interface BoundaryProps {
  /** What could not be shown is tried again when it changes. */
  readonly round: unknown;
  readonly fallback: (error: Error) => ComponentChildren;
  readonly children: ComponentChildren;
}

/**
 * What cannot be drawn takes nothing else with it: a dashboard is written by people, and a preview shows
 * it while it is half written.
 */
export function Boundary({ round, fallback, children }: BoundaryProps) {
  const [error, reset] = useErrorBoundary();
  useEffect(() => {
    if (error !== undefined) {
      reset();
    }
  }, [round]);
  return error === undefined ? children : fallback(error as Error);
}

/** What was not provisioned, and why. Nothing when all was. */
export function Refusals({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) {
    return null;
  }
  return (
    <Message kind="warning" title="Not everything can be provisioned. Grafana would refuse it too:">
      <ul>
        {refusals.map(({ file, reason }) => (
          <li key={`${file} ${reason}`}>
            <code>{file}</code>: {reason}
          </li>
        ))}
      </ul>
    </Message>
  );
}
