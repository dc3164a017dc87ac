import { useEffect, useState } from "preact/hooks";
import type { PreviewState } from "../../data/preview.ts";

/** What an open page knows of the preview that serves it. */
export interface Preview {
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
