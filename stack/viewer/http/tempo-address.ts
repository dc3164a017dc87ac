/** Where the one Tempo is, and what it is asked with. */
export interface TempoAddress {
  /** Without a slash at its end and without a name or password: it is shown. */
  readonly url: string;
  /** What an address with a name and a password is asked with; never shown. */
  readonly authorization: string | undefined;
}

/** @throws TypeError for a text that is no address. */
export function parseTempoAddress(text: string): TempoAddress {
  const address = new URL(text);
  const { username, password } = address;
  address.username = "";
  address.password = "";
  address.search = "";
  address.hash = "";
  const pair = `${decoded(username)}:${decoded(password)}`;
  return {
    url: address.href.replace(/\/+$/, ""),
    authorization: pair === ":" ? undefined : `Basic ${Buffer.from(pair).toString("base64")}`,
  };
}

/** A percent sign that escapes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
