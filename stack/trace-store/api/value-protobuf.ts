import type protobuf from "protobufjs/minimal.js";
import type { KeyValue, Value } from "#contract";

type Writer = ReturnType<typeof protobuf.Writer.create>;

const delimited = 2;
const eightBytes = 1;

/** OTLP's `KeyValue { key = 1; value = 2 }`, as often as there are attributes. */
export function writeAttributes(
  writer: Writer,
  field: number,
  attributes: readonly KeyValue[],
): Writer {
  for (const { key, value } of attributes) {
    writer.uint32(field * 8 + delimited).fork();
    if (key !== "") {
      writer.uint32(1 * 8 + delimited).string(key);
    }
    writeValue(writer.uint32(2 * 8 + delimited).fork(), value).ldelim();
    writer.ldelim();
  }
  return writer;
}

/** OTLP's `AnyValue`, in which a value is written also when it is zero. */
function writeValue(writer: Writer, value: Value): Writer {
  switch (value.type) {
    case "string":
      return writer.uint32(1 * 8 + delimited).string(value.value);
    case "bool":
      return writer.uint32(2 * 8).bool(value.value);
    case "int":
      return writer.uint32(3 * 8).int64(toLong(value.value));
    case "double":
      return writer.uint32(4 * 8 + eightBytes).double(value.value);
    case "array":
      writer.uint32(5 * 8 + delimited).fork();
      for (const item of value.value) {
        writeValue(writer.uint32(1 * 8 + delimited).fork(), item).ldelim();
      }
      return writer.ldelim();
    case "map":
      return writeAttributes(writer.uint32(6 * 8 + delimited).fork(), 1, value.value).ldelim();
    case "bytes":
      return writer.uint32(7 * 8 + delimited).bytes(value.value);
    case "empty":
      return writer;
    default:
      return value satisfies never;
  }
}

/** The two halves that protobufjs takes a 64-bit integer in. */
export function toLong(value: bigint): never {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return { low, high, unsigned: false } as never;
}
