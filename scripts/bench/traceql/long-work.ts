/** Tells of long work now and then, and not more often. */
export function createProgress(
  progress: (sentence: string) => void,
  what: string,
): (share: number) => void {
  const everyMs = 2_000;
  let toldAt = performance.now();
  return (share) => {
    if (performance.now() - toldAt < everyMs) {
      return;
    }
    toldAt = performance.now();
    progress(`${what}: ${Math.floor(share * 100)} %`);
  };
}
