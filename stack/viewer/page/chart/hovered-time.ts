/** The time under the pointer, which all charts of a page mark. */
type Listener = (timeMs: number | undefined) => void;

const listeners = new Set<Listener>();

export function hoverTime(timeMs: number | undefined): void {
  for (const listener of listeners) {
    listener(timeMs);
  }
}

/** @returns what ends it. */
export function onHoveredTime(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
