import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";

/**
 * Writes a wheel that the real pip accepts and that holds the given files.
 *
 * @returns its path
 */
export async function writeWheel(
  directory: string,
  { name, version }: { readonly name: string; readonly version: string },
  files: Readonly<Record<string, Buffer>>,
): Promise<string> {
  const information = `${name}-${version}.dist-info`;
  const text = (...lines: string[]): Buffer => Buffer.from(`${lines.join("\n")}\n`);
  const path = join(directory, `${name}-${version}-py3-none-any.whl`);
  const everything = {
    ...files,
    [`${information}/METADATA`]: text(
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      `Version: ${version}`,
    ),
    [`${information}/WHEEL`]: text(
      "Wheel-Version: 1.0",
      "Root-Is-Purelib: true",
      "Tag: py3-none-any",
    ),
    [`${information}/RECORD`]: text(""),
  };
  await writeFile(path, zip(everything));
  return path;
}

/** The smallest zip archive with deflated entries: local headers with data, directory, end mark. */
function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const body = [Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed];
    bodies.push(...body);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, place, Buffer.from(name));
    offset += body.reduce((total, part) => total + part.length, 0);
  }
  const directorySize = directory.reduce((total, part) => total + part.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directorySize, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}
