import { useEffect, useState } from "preact/hooks";

export type Loaded<Value> =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly error: Error }
  | { readonly phase: "ready"; readonly value: Value };

/**
 * Loads something whenever the key changes, and gives up what is under way when it does.
 * @param round whenever it changes, the same is loaded again; what was there stays until then.
 */
export function useLoaded<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  round = 0,
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
  }, [key, round]);
  return loaded?.key === key ? loaded.result : { phase: "loading" };
}
