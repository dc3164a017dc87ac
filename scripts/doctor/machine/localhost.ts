import { lookup } from "node:dns/promises";
import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";

export const localhostCheck: Check = {
  name: "localhost",
  why: "SDKs send to localhost by default, and an address of another machine would get the spans.",
  look: async () => {
    const found = await lookup("localhost", { all: true }).catch(() => []);
    const addresses = found.map(({ address }) => address);
    const strange = addresses.filter((address) => !/^(127\.|::1$)/.test(address));
    if (addresses.length === 0 || strange.length > 0) {
      const seen =
        addresses.length === 0 ? "has no address" : `stands for ${strange.join(" and ")}`;
      return new Finding("localhost_elsewhere", { seen });
    }
    return fine(`${[...new Set(addresses)].join(" and ")}; the store listens on both.`);
  },
};
