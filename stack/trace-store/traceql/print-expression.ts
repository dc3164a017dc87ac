import {
  type Expression,
  type Field,
  type Literal,
  olderSpelling,
  type PrintStyle,
  printExpression as print,
  printLiteral as standardLiteral,
} from "#traceql";

/** As Tempo's answers name a field. */
export function printField(field: Field): string {
  if (field.type === "intrinsic") {
    return olderSpelling(field.name);
  }
  const name = /^[^\s{}()=~!<>&|^,"`]+$/.test(field.name) ? field.name : JSON.stringify(field.name);
  return field.scope === "any" ? `.${name}` : `${field.scope}.${name}`;
}

/** In one form, whatever the spaces of the query: as Tempo's answers name a group. */
export function printExpression(expression: Expression): string {
  return print(expression, tempoStyle);
}

const tempoStyle: PrintStyle = {
  field: printField,
  literal: printLiteral,
  padding: " ",
  isShort: false,
  parentheses: "operands",
};

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "string":
      return `\`${literal.value}\``;
    case "duration":
      return formatDuration(literal.nanoseconds);
    case "float":
      return printFloat(literal.value);
    case "int":
      return String(literal.value);
    default:
      return standardLiteral(literal);
  }
}

/** With a point, so that it is told apart from an integer. */
function printFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}

const second = 1_000_000_000n;
const smallUnits = [
  [1_000_000n, 6, "ms"],
  [1_000n, 3, "µs"],
  [1n, 0, "ns"],
] as const;

/** As Go writes a duration: `1m30s`, `1.5ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) {
    return "0s";
  }
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [unit, digits, name] of smallUnits) {
    if (size < second && size >= unit) {
      return `${sign}${withPoint(size, digits)}${name}`;
    }
  }
  const hours = size / (3600n * second);
  const minutes = (size / (60n * second)) % 60n;
  const seconds = `${withPoint(size % (60n * second), 9)}s`;
  if (hours > 0n) {
    return `${sign}${hours}h${minutes}m${seconds}`;
  }
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** So many digits stand behind the point, less the zeros at the end. */
function withPoint(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction =
    digits === 0
      ? ""
      : String(value % unit)
          .padStart(digits, "0")
          .replace(/0+$/, "");
  return fraction === "" ? String(value / unit) : `${value / unit}.${fraction}`;
}
