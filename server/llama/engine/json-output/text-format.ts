/**
 * JSON Schema's formats, as patterns of which every text is valid by the format. They leave out what is
 * rare: leap days and leap seconds, quoted names in addresses, names and addresses beyond ASCII.
 */
const leadingZero = {
  month31: "(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])",
  month30: "(0[469]|11)-(0[1-9]|[12]\\d|30)",
  february: "02-(0[1-9]|1\\d|2[0-8])",
};
const date = `\\d{4}-(${leadingZero.month31}|${leadingZero.month30}|${leadingZero.february})`;
const time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
const label = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
const domain = `(${label}\\.){1,3}[A-Za-z]{2,10}`;
const hostname = `${label}(\\.${label}){0,5}`;
const byte = "(25[0-5]|2[0-4]\\d|1\\d{2}|[1-9]?\\d)";
const timeParts = "T(\\d{1,4}H(\\d{1,4}M(\\d{1,4}S)?)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S)";
const dateParts = "(\\d{1,4}Y(\\d{1,4}M(\\d{1,4}D)?)?|\\d{1,4}M(\\d{1,4}D)?|\\d{1,4}D)";
const pathCharacter = "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";

const formats: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `${date}T${time}`,
  duration: `P(${dateParts}(${timeParts})?|${timeParts}|\\d{1,4}W)`,
  email: `[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,30})?@${domain}`,
  hostname,
  ipv4: `${byte}(\\.${byte}){3}`,
  ipv6: "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}",
  uuid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  uri: `https?://${domain}(:\\d{1,4})?(/${pathCharacter}*)*(\\?(${pathCharacter}|[/?])*)?(#(${pathCharacter}|[/?])*)?`,
};

export const formatNames: readonly string[] = Object.keys(formats);

/** @returns undefined for a format that is not in `formatNames` */
export function formatPattern(format: unknown): string | undefined {
  const isKnown = typeof format === "string" && Object.hasOwn(formats, format);
  return isKnown ? `^(${formats[format]})$` : undefined;
}
