/** One thing about the contract that is not as it was. */
export interface Change {
  /** What changed: `attribute tokensOut`. */
  readonly subject: string;
  /** How, as the rest of a sentence. */
  readonly what: string;
  /** Whether a query, panel or reader that was right before is not any more. */
  readonly breaking: boolean;
  /** Names on the wire by which what depends on it is found: those before and those now. */
  readonly namesBefore: readonly string[];
  readonly namesNow: readonly string[];
}

/** A change of one property, where it is one: what it is called, and when it breaks something. */
export interface PropertyRule<Subject> {
  readonly property: string;
  readonly read: (subject: Subject) => unknown;
  readonly breaks: boolean | ((before: Subject, now: Subject) => boolean);
}

interface Named<Subject> {
  /** What the subjects are: `attribute`. */
  readonly kind: string;
  readonly getName: (subject: Subject) => string;
}

/**
 * Compares the members of two records: by identifier, and those that are left by their name on the
 * wire, because an identifier is nobody's business outside the code.
 */
export function compareRecords<Subject>(
  before: Readonly<Record<string, Subject>> = {},
  now: Readonly<Record<string, Subject>> = {},
  description: Named<Subject> & {
    readonly listChanges: (before: Subject, now: Subject) => readonly PropertyChange[];
    /** Whether a new one breaks something. */
    readonly newBreaks?: boolean;
  },
): Change[] {
  const { kind, getName, listChanges, newBreaks = false } = description;
  const moved = movedIdentifiers(before, now, getName);
  const gone = Object.entries(before).filter(
    ([identifier]) => !Object.hasOwn(now, identifier) && !moved.has(identifier),
  );
  const arrivals = new Set(moved.values());
  const added = Object.entries(now).filter(
    ([identifier]) => !Object.hasOwn(before, identifier) && !arrivals.has(identifier),
  );
  const kept = Object.entries(before).flatMap(([identifier, subject]) => {
    const identifierNow = moved.get(identifier) ?? identifier;
    const subjectNow = now[identifierNow];
    return subjectNow === undefined ? [] : [{ identifier, identifierNow, subject, subjectNow }];
  });
  return [
    ...gone.map(([identifier, subject]) => ({
      subject: `${kind} ${identifier}`,
      what: `${getName(subject)} is gone`,
      breaking: true,
      namesBefore: [getName(subject)],
      namesNow: [],
    })),
    ...added.map(([identifier, subject]) => ({
      subject: `${kind} ${identifier}`,
      what: `${getName(subject)} is new`,
      breaking: newBreaks,
      namesBefore: [],
      namesNow: [getName(subject)],
    })),
    ...kept.flatMap(({ identifier, identifierNow, subject, subjectNow }) =>
      [
        ...(identifier === identifierNow
          ? []
          : [{ what: `is called ${identifierNow} in code`, breaking: false }]),
        ...listChanges(subject, subjectNow),
      ].map((change) => ({
        subject: `${kind} ${identifier}`,
        ...change,
        namesBefore: [getName(subject)],
        namesNow: [getName(subjectNow)],
      })),
    ),
  ];
}

/** Identifiers that are gone → identifiers that are new, where the name on the wire is the same. */
function movedIdentifiers<Subject>(
  before: Readonly<Record<string, Subject>>,
  now: Readonly<Record<string, Subject>>,
  getName: (subject: Subject) => string,
): Map<string, string> {
  const newByName = new Map(
    Object.entries(now)
      .filter(([identifier]) => !Object.hasOwn(before, identifier))
      .map(([identifier, subject]) => [getName(subject), identifier]),
  );
  return new Map(
    Object.entries(before).flatMap(([identifier, subject]) => {
      const identifierNow = Object.hasOwn(now, identifier)
        ? undefined
        : newByName.get(getName(subject));
      return identifierNow === undefined ? [] : [[identifier, identifierNow]];
    }),
  );
}

export type PropertyChange = Pick<Change, "what" | "breaking">;

/** A change for each property that is not what it was. */
export function changedProperties<Subject>(
  before: Subject,
  now: Subject,
  rules: readonly PropertyRule<Subject>[],
): PropertyChange[] {
  return rules.flatMap(({ property, read, breaks }) => {
    const breaking = typeof breaks === "boolean" ? breaks : breaks(before, now);
    return differences(property, read(before), read(now)).map((what) => ({ what, breaking }));
  });
}

/** More of a property with members, nobody compares by eye. */
const mostCharacters = 100;

/** A sentence where a property is another; where that has many members, one for each of them that is. */
function differences(property: string, was: unknown, is: unknown): string[] {
  if (isRecord(was) && isRecord(is) && `${written(was)}${written(is)}`.length > mostCharacters) {
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
      differences(`${property}, ${key},`, was[key], is[key]),
    );
  }
  const [before, now] = [written(was), written(is)];
  return before === now ? [] : [`its ${property} was ${before} and is ${now}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in a sentence. */
function written(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? "empty" : value.map(written).join(", ");
  }
  if (value === undefined || value === null) {
    return "not there";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
