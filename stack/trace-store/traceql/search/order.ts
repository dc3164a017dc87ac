/** For `sort`: bigints by size, texts by their code units. */
export function compare<Value extends bigint | string>(one: Value, other: Value): number {
  return one < other ? -1 : Number(one > other);
}

export function earlier(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
