/** Where something stands in a text: offsets in UTF-16 units, with the quotes of a string. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** The way to a value: names of members, and indexes. */
export type Path = readonly (string | number)[];

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

const stringToken = /"(?:[^"\\]|\\.)*"/y;
const otherToken = /[^\s{}[\],:"]+/y;

/**
 * Where each string of a JSON text stands that is a value, by `pathKey`. The text must be valid JSON.
 * Of members that are there twice, it is the last, as `JSON.parse` takes it.
 */
export function stringPlaces(text: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const path: (string | number)[] = [];
  let offset = 0;
  let isName = false;
  while (offset < text.length) {
    const character = text[offset] ?? "";
    if (character === '"') {
      stringToken.lastIndex = offset;
      const token = stringToken.exec(text)?.[0] ?? '"';
      const end = offset + token.length;
      if (isName) {
        path[path.length - 1] = JSON.parse(token) as string;
      } else {
        places.set(pathKey(path), { start: offset, end });
      }
      offset = end;
      continue;
    }
    if (character === "{") {
      path.push("");
      isName = true;
    } else if (character === "[") {
      path.push(0);
      isName = false;
    } else if (character === "}" || character === "]") {
      path.pop();
      isName = false;
    } else if (character === ":") {
      isName = false;
    } else if (character === ",") {
      const last = path.at(-1);
      isName = typeof last === "string";
      if (typeof last === "number") {
        path[path.length - 1] = last + 1;
      }
    } else {
      otherToken.lastIndex = offset;
      offset += Math.max(0, (otherToken.exec(text)?.[0].length ?? 1) - 1);
    }
    offset += 1;
  }
  return places;
}
