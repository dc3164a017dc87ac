/** How far an index is. */
interface Progress {
  readonly documents: number;
  readonly passagesDone: number;
  /** From 0 to 1. */
  readonly share: number;
}

interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const barCharacters = 30;

/** One bar that is rewritten in place on a terminal, or a line for every ten per cent elsewhere. */
export function progressReport<Reported extends Progress>(stream: ProgressStream) {
  let shown: number | undefined;
  let isOpen = false;
  return {
    onProgress({ documents, passagesDone, share }: Reported): void {
      const percent = Math.floor(share * 100);
      const step = stream.isTTY === true ? percent : percent - (percent % 10);
      if (step === shown) return;
      shown = step;
      const filled = Math.round((percent / 100) * barCharacters);
      const bar = `[${"#".repeat(filled)}${".".repeat(barCharacters - filled)}]`;
      const line = `index: ${bar} ${String(percent).padStart(3)} % of ${documents} documents, ${passagesDone} passages`;
      isOpen = stream.isTTY === true;
      stream.write(isOpen ? `\r${line}` : `${line}\n`);
    },
    end(): void {
      if (isOpen) stream.write("\n");
      isOpen = false;
    },
  };
}
