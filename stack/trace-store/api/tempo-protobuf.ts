import protobuf from "protobufjs/minimal.js";
import type { FoundTrace, TagsOfScope, TagValue } from "../traceql/index.ts";
import { getDurationMs } from "./tempo-json.ts";
import { toLong, writeAttributes } from "./value-protobuf.ts";

/**
 * Tempo's answers to searches and for tags as protobuf. The messages and the numbers of their fields
 * are those of `tempopb/tempo.proto`, which is Apache-2.0. Metrics are answered as JSON only, as
 * Tempo does.
 */
type Writer = ReturnType<typeof protobuf.Writer.create>;

const delimited = 2;

/** `SearchResponse { traces = 1; metrics = 2 }`, in pieces. */
export function* encodeSearch(traces: readonly FoundTrace[]): Generator<Uint8Array, void> {
  for (const trace of traces) {
    const writer = protobuf.Writer.create();
    yield writeTrace(writer.uint32(1 * 8 + delimited).fork(), trace)
      .ldelim()
      .finish();
  }
  yield withMetrics(protobuf.Writer.create()).finish();
}

/** `TraceSearchMetadata`. */
function writeTrace(writer: Writer, trace: FoundTrace): Writer {
  writeText(writer, 1, trace.traceId);
  writeText(writer, 2, trace.rootServiceName);
  writeText(writer, 3, trace.rootSpanName);
  writeInteger(writer, 4, trace.startNs);
  writeInteger(writer, 5, BigInt(getDurationMs(trace)));
  const [first] = trace.spansets;
  if (first !== undefined) {
    writeSpanset(writer.uint32(6 * 8 + delimited).fork(), first).ldelim();
  }
  for (const spanset of trace.spansets) {
    writeSpanset(writer.uint32(7 * 8 + delimited).fork(), spanset).ldelim();
  }
  for (const { name, spanCount, errorCount } of trace.services) {
    writer.uint32(8 * 8 + delimited).fork();
    writeText(writer, 1, name);
    writer.uint32(2 * 8 + delimited).fork();
    writeInteger(writer, 1, BigInt(spanCount));
    writeInteger(writer, 2, BigInt(errorCount)).ldelim();
    writer.ldelim();
  }
  return writer;
}

/** `SpanSet { spans = 1; matched = 2; attributes = 3 }`. */
function writeSpanset(writer: Writer, spanset: FoundTrace["spansets"][number]): Writer {
  for (const span of spanset.spans) {
    writer.uint32(1 * 8 + delimited).fork();
    writeText(writer, 1, span.spanId);
    writeText(writer, 2, span.name ?? "");
    writeInteger(writer, 3, span.startNs);
    writeInteger(writer, 4, span.durationNs);
    writeAttributes(writer, 5, span.attributes).ldelim();
  }
  writeInteger(writer, 2, BigInt(spanset.matched));
  return writeAttributes(writer, 3, spanset.attributes);
}

/** `SearchTagsV2Response { scopes = 1 { name = 1; tags = 2 }; metrics = 2 }`. */
export function encodeTagNames(scopes: readonly TagsOfScope[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const { name, tags } of scopes) {
    writer.uint32(1 * 8 + delimited).fork();
    writeText(writer, 1, name);
    writeTexts(writer, 2, tags).ldelim();
  }
  return Buffer.from(withMetrics(writer).finish());
}

/** `SearchTagsResponse { tagNames = 1; metrics = 2 }`. */
export function encodeTagNamesV1(tagNames: readonly string[]): Buffer {
  return Buffer.from(withMetrics(writeTexts(protobuf.Writer.create(), 1, tagNames)).finish());
}

/** `SearchTagValuesV2Response { tagValues = 1 { type = 1; value = 2 }; metrics = 2 }`. */
export function encodeTagValues(values: readonly TagValue[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const { type, value } of values) {
    writer.uint32(1 * 8 + delimited).fork();
    writeText(writer, 1, type);
    writeText(writer, 2, value).ldelim();
  }
  return Buffer.from(withMetrics(writer).finish());
}

/** `SearchTagValuesResponse { tagValues = 1; metrics = 2 }`. */
export function encodeTagValuesV1(values: readonly string[]): Buffer {
  return encodeTagNamesV1(values);
}

function withMetrics(writer: Writer): Writer {
  return writer.uint32(2 * 8 + delimited).bytes(new Uint8Array());
}

function writeText(writer: Writer, field: number, text: string): Writer {
  return text === "" ? writer : writer.uint32(field * 8 + delimited).string(text);
}

function writeTexts(writer: Writer, field: number, texts: readonly string[]): Writer {
  return texts.reduce(
    (written, text) => written.uint32(field * 8 + delimited).string(text),
    writer,
  );
}

function writeInteger(writer: Writer, field: number, value: bigint): Writer {
  return value === 0n ? writer : writer.uint32(field * 8).uint64(toLong(value));
}
