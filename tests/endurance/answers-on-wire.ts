/** For tests: reads what came back on a connection, one answer after the other. */

/** An answer as far as it has come. */
export interface AnswerOnWire {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether its end has come. */
  readonly isWhole: boolean;
}

interface Piece {
  readonly content: Buffer;
  readonly isWhole: boolean;
  /** Where the next answer begins. */
  readonly end: number;
}

const newLine = "\r\n";

/**
 * @param received All that came back. The server writes UTF-8 only, so its bytes can be had again.
 * @param isClosed Whether the server has closed the connection, the only end that some answers have.
 * @param methods Of the requests in their order: the answer to HEAD has no body, whatever it declares.
 * @throws Error when the bytes are no HTTP/1.1 answers.
 */
export function answersOnWire(
  received: string,
  isClosed: boolean,
  methods: readonly string[] = [],
): AnswerOnWire[] {
  const bytes = Buffer.from(received);
  const answers: AnswerOnWire[] = [];
  for (let at = 0; at < bytes.length; ) {
    const headEnd = bytes.indexOf(newLine + newLine, at);
    if (headEnd === -1) {
      break;
    }
    const { status, headers } = readHead(bytes.toString("utf8", at, headEnd));
    const bodyAt = headEnd + 4;
    if (status === 100) {
      at = bodyAt;
      continue;
    }
    const isBodiless = status === 204 || status === 304 || methods[answers.length] === "HEAD";
    const { content, isWhole, end } = isBodiless
      ? { content: Buffer.alloc(0), isWhole: true, end: bodyAt }
      : readBody(bytes, bodyAt, headers, isClosed);
    answers.push({ status, headers, body: content.toString(), isWhole });
    at = end;
  }
  return answers;
}

function readHead(head: string): Pick<AnswerOnWire, "status" | "headers"> {
  const [statusLine = "", ...lines] = head.split(newLine);
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? [];
  if (status === undefined) {
    throw new Error(`No answer: ${JSON.stringify(head.slice(0, 200))}`);
  }
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status), headers: Object.fromEntries(headers) };
}

function readBody(
  bytes: Buffer,
  at: number,
  headers: Readonly<Record<string, string>>,
  isClosed: boolean,
): Piece {
  if (headers["transfer-encoding"] === "chunked") {
    return readChunks(bytes, at);
  }
  const declared = headers["content-length"];
  const end = declared === undefined ? bytes.length : at + Number(declared);
  return {
    content: bytes.subarray(at, end),
    isWhole: declared === undefined ? isClosed : bytes.length >= end,
    end,
  };
}

function readChunks(bytes: Buffer, start: number): Piece {
  const contents: Buffer[] = [];
  for (let at = start; ; ) {
    const sizeEnd = bytes.indexOf(newLine, at);
    const size = Number.parseInt(bytes.toString("latin1", at, Math.max(at, sizeEnd)), 16);
    const chunkAt = sizeEnd + 2;
    const end = chunkAt + size + 2;
    if (sizeEnd === -1 || end > bytes.length) {
      return { content: Buffer.concat(contents), isWhole: false, end: bytes.length };
    }
    if (size === 0) {
      return { content: Buffer.concat(contents), isWhole: true, end };
    }
    contents.push(bytes.subarray(chunkAt, chunkAt + size));
    at = end;
  }
}
