import { existsSync } from "node:fs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A Chromium of this machine. @param chosen the place that CHROMIUM_BIN names, if any. */
export function findChromium(chosen: string | undefined): string | undefined {
  return [chosen ?? "", ...places].find((place) => place !== "" && existsSync(place));
}

/** Without what Chromium does besides showing pages. */
export const quietChromium = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;
