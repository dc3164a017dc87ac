/** A few queries at once: the store is to answer each soon rather than all late. */
const atOnce = 4;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs work when there is room for it, in the order of calling.
 * @throws the signal's reason when it is given up before its turn.
 */
export async function inTurn<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (running >= atOnce) {
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener("abort", () => {
        const place = waiting.indexOf(resolve);
        if (place !== -1) {
          waiting.splice(place, 1);
          reject(signal.reason);
        }
      });
    });
  }
  running += 1;
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
