import { after } from "node:test";
import type { BrowserContext } from "playwright-core";
import { type Ending, openBrowser } from "./chromium.ts";
import { type SeededViewer, startSeededViewer } from "./seeded-viewer.ts";

interface SharedViewer {
  readonly viewer: SeededViewer;
  readonly context: BrowserContext;
}

/**
 * One viewer and one browser for all tests of a file that plant nothing more, started by the first that asks.
 * Whoever asks finds no page of another test open.
 */
export function sharedViewer(): () => Promise<SharedViewer> {
  const endings: (() => unknown)[] = [];
  const t: Ending = { after: (ending) => void endings.push(ending as () => unknown) };
  let started: Promise<SharedViewer> | undefined;
  after(async () => {
    for (const ending of endings.reverse()) {
      await ending();
    }
  });
  return async () => {
    started ??= (async () => ({
      viewer: await startSeededViewer(t),
      context: await openBrowser(t),
    }))();
    const shared = await started;
    const [, ...pages] = shared.context.pages();
    await Promise.all(pages.map((page) => page.close()));
    return shared;
  };
}
