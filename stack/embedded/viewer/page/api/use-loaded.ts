import { useEffect, useState } from "preact/hooks";

export type Loaded<Value> =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly error: Error }
  | { readonly phase: "ready"; readonly value: Value };

/** Loads something whenever the key changes, and gives up what is under way when it does. */
export function useLoaded<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
): Loaded<Value> {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded<Value> }>();
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setLoaded({ key, result: { phase: "ready", value } }),
      (error: Error) => {
        if (!controller.signal.aborted) {
          setLoaded({ key, result: { phase: "failed", error } });
        }
      },
    );
    return () => controller.abort();
  }, [key]);
  return loaded?.key === key ? loaded.result : { phase: "loading" };
}
