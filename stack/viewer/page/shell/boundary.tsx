import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";

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
