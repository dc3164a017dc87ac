import { contentKey } from "#contract";
import { describeException, getClassName, isException } from "./exception.ts";

/** The words of an error or of somebody else's log line, wherever they stand. */
const wordsKey = /^(?:msg|message|stack)$/i;
/** A key longer or stranger than this is no name that a programmer gave: it is data. */
const nameKey = /^[A-Za-z][\w.$-]{0,63}$/;

const maxDepth = 6;
const maxValues = 200;
const maxStringCharacters = 2000;
const maxCharacters = 16_000;
const maxKeysRemembered = 1000;

/** What is left to spend on one line. */
interface Budget {
  values: number;
  characters: number;
}

type Copy = Record<string, unknown>;

/**
 * A copy of what a log line is about to say, without what may be content: every key that matches
 * `contentKey` is dropped at any depth, and so are the words of errors. What is neither a plain
 * object nor an array is written as its class's name alone, because `toJSON`, getters, and the
 * entries of a Map can say anything. The copy shares nothing with the original, so that nothing of
 * it runs later. Bounded in depth and size; cycles end at the depth.
 */
export function redact(fields: unknown): Copy {
  const budget: Budget = { values: maxValues, characters: maxCharacters };
  const copy = copyProperty({ fields }, "fields", -1, budget);
  return isPlain(copy) ? copy : {};
}

function copyRedacted(value: unknown, depth: number, budget: Budget): unknown {
  switch (typeof value) {
    case "string":
      return copyString(value, budget);
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return copyString(String(value), budget);
    case "object":
      return value === null ? null : copyObject(value, depth, budget);
    default:
      // Functions and symbols have nothing to say in a log.
      return undefined;
  }
}

function copyString(value: string, budget: Budget): string {
  const allowed = Math.min(maxStringCharacters, budget.characters);
  budget.characters -= Math.min(value.length, allowed);
  return value.length <= allowed ? value : `${value.slice(0, allowed)}…`;
}

function copyObject(value: object, depth: number, budget: Budget): Copy | unknown[] | string {
  if (depth > maxDepth) {
    return "[deeper]";
  }
  if (isException(value)) {
    return copyException(value, depth, budget);
  }
  if (Array.isArray(value)) {
    return copyArray(value, depth, budget);
  }
  return isPlain(value) ? copyPlainObject(value, depth, budget) : `[${getClassName(value)}]`;
}

function copyPlainObject(value: object, depth: number, budget: Budget): Copy {
  const copy: Copy = {};
  for (const key of Object.keys(value)) {
    if (mayBeWritten(key)) {
      if (budget.values-- <= 0) {
        break;
      }
      const kept = copyProperty(value, key, depth, budget);
      if (kept !== undefined) {
        copy[key] = kept;
      }
    }
  }
  return copy;
}

function copyArray(value: readonly unknown[], depth: number, budget: Budget): unknown[] {
  const copy: unknown[] = [];
  for (let index = 0; index < value.length && budget.values-- > 0; index++) {
    copy.push(copyProperty(value, index, depth, budget) ?? null);
  }
  return copy;
}

function copyProperty(owner: object, key: string | number, depth: number, budget: Budget) {
  try {
    return copyRedacted((owner as Record<string | number, unknown>)[key], depth + 1, budget);
  } catch {
    // What cannot be read, because a getter or a proxy throws, has no value.
    return undefined;
  }
}

function copyException(error: Error, depth: number, budget: Budget): Copy {
  const { exceptionType, exceptionCode, stackFrames } = describeException(error);
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return {
    type: exceptionType,
    ...(exceptionCode === undefined ? {} : { code: exceptionCode }),
    frames: copyString(stackFrames, budget),
    ...(isException(cause) ? { cause: copyObject(cause, depth + 1, budget) } : {}),
    ...(Array.isArray(errors)
      ? { errors: copyArray(errors.filter(isException), depth + 1, budget) }
      : {}),
  };
}

function isPlain(value: unknown): value is Copy {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  } catch {
    return false;
  }
}

const keysJudged = new Map<string, boolean>();

function mayBeWritten(key: string): boolean {
  const known = keysJudged.get(key);
  if (known !== undefined) {
    return known;
  }
  const may = nameKey.test(key) && !contentKey.test(key) && !wordsKey.test(key);
  if (keysJudged.size < maxKeysRemembered) {
    keysJudged.set(key, may);
  }
  return may;
}
