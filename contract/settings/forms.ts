import { z } from "zod";

/** Digits only: JavaScript would also read a blank as 0, and 0x50 as 80. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^[0-9]+$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

/** @param least 0 if any free port is fine. */
export function port(least: 0 | 1) {
  return wholeNumber(least, 65_535);
}

/** `off` is 0, `every:N` is N. */
export const stepSample = z
  .string()
  .regex(/^(off|every:[1-9][0-9]{0,8})$/)
  .transform((text) => Number(text.split(":")[1] ?? 0));

/** Items between commas. An invalid item is a fault, because it would silently never match. */
export function listOf(isOne: (item: string) => boolean) {
  return z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .pipe(z.array(z.string().refine(isOne)));
}

/** A name or address as in a Host header, without the port; Compose has names with `_`. */
export function isHostName(item: string): boolean {
  const address = item.replace(/^\[(.*)\]$/, "$1");
  return /^[0-9a-z._-]+$/i.test(item) || z.ipv6().safeParse(address).success;
}

/** As browsers send it: no path and no default port. */
export function isOrigin(item: string): boolean {
  return URL.canParse(item) && new URL(item).origin === item;
}

export const flag = z
  .enum(["0", "1", "true", "false"])
  .transform((word) => word === "1" || word === "true");

export const onOff = z.enum(["on", "off"]).transform((word) => word === "on");
