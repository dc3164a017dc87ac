import fc from "fast-check";
import type { AttributeScope, Field, IntrinsicName } from "#traceql";
import { attributeKeys, type RandomKey, type Scoped } from "./random-attributes.ts";

/** Fields of every scope and type. */

function attribute(isWanted: (key: RandomKey) => boolean): fc.Arbitrary<Field> {
  const of = (scope: AttributeScope, keys: readonly RandomKey[]) =>
    keys.filter(isWanted).map(({ key: name }): Field => ({ type: "attribute", scope, name }));
  const scoped = (Object.keys(attributeKeys) as Scoped[]).flatMap((scope) =>
    of(scope, attributeKeys[scope]),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...of("span", attributeKeys.span)) },
    { weight: 3, arbitrary: fc.constantFrom(...scoped) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...of("any", [...attributeKeys.span, ...attributeKeys.resource, ...attributeKeys.event]),
      ),
    },
  );
}

export function intrinsic(...names: IntrinsicName[]): fc.Arbitrary<Field> {
  return fc.constantFrom(...names.map((name): Field => ({ type: "intrinsic", name })));
}

export const anyAttribute = fc.oneof(
  { weight: 30, arbitrary: attribute(() => true) },
  {
    weight: 1,
    arbitrary: fc.constant<Field>({ type: "attribute", scope: "span", name: "nowhere" }),
  },
);
/** Which nearly always has an array. */
export const arrayAttribute = attribute(({ key }) => key === "arr");
export const textIntrinsic = intrinsic(
  "span:name",
  "span:statusMessage",
  "trace:rootName",
  "trace:rootService",
  "event:name",
  "instrumentation:name",
  "instrumentation:version",
);
export const idIntrinsic = intrinsic(
  "span:id",
  "span:parentID",
  "trace:id",
  "link:traceID",
  "link:spanID",
);
export const numberIntrinsic = intrinsic(
  "span:duration",
  "trace:duration",
  "span:childCount",
  "event:timeSinceStart",
  "nestedSetParent",
  "nestedSetLeft",
  "nestedSetRight",
);
const nameIntrinsic = intrinsic("span:status", "span:kind");

export const anyField = fc.oneof(
  { weight: 5, arbitrary: anyAttribute },
  { weight: 1, arbitrary: textIntrinsic },
  { weight: 1, arbitrary: idIntrinsic },
  { weight: 1, arbitrary: numberIntrinsic },
  { weight: 1, arbitrary: nameIntrinsic },
);

/** Of which sums come out the same in whatever order they are added. */
export const measuredField = fc.oneof(
  { weight: 2, arbitrary: attribute(({ key }) => key !== "extreme") },
  { weight: 1, arbitrary: numberIntrinsic },
);
