/**
 * What a release consists of, as CycloneDX: npm's own bill of the packages in the lockfile, for every platform, and
 * what npm does not know of. The same commit gives the same bill.
 */
import { createHash } from "node:crypto";

/** As far as it is changed here. */
export interface BillOfMaterials {
  serialNumber: string;
  metadata: {
    timestamp: string;
    component: Component & { readonly [key: string]: unknown };
  };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version: string;
  licenses: readonly { readonly license: { readonly id: string } }[];
  hashes?: readonly { readonly alg: string; readonly content: string }[];
  externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

export interface Parts {
  /** What ships, as `name@version`. */
  readonly shipped: ReadonlySet<string>;
  readonly name: string;
  /** In ISO 8601: when the commit was made, so that the same commit says the same. */
  readonly timestamp: string;
  /** The release of llama.cpp in node-llama-cpp's binaries. */
  readonly llamaCpp: { readonly version: string; readonly repository: string };
  readonly models: readonly ModelPart[];
}

interface ModelPart {
  readonly fileName: string;
  readonly revision: string;
  readonly sha256: string;
  readonly url: string;
}

/**
 * @param bill what `npm sbom` printed of all packages: with `--omit=dev`, npm 11 leaves out some that ship, where
 *   what only develops needs them, too
 */
export function completeBill(bill: BillOfMaterials, parts: Parts): BillOfMaterials {
  const { component } = bill.metadata;
  const added = [llamaCppComponent(parts.llamaCpp), ...parts.models.map(modelComponent)];
  const components = [
    ...bill.components.filter(({ name, version }) => parts.shipped.has(`${name}@${version}`)),
    ...added,
  ].toSorted(byReference);
  const whole = component["bom-ref"];
  const references = new Set([whole, ...components.map(reference)]);
  const given = [
    ...bill.dependencies,
    ...added.map((one) => ({ ref: reference(one), dependsOn: [] })),
  ];
  const complete = {
    ...bill,
    metadata: {
      ...bill.metadata,
      timestamp: parts.timestamp,
      // npm takes the name of the folder.
      component: { ...component, name: parts.name },
    },
    components,
    dependencies: given.flatMap(({ ref, dependsOn }) => {
      const all = ref === whole ? [...dependsOn, ...added.map(reference)] : dependsOn;
      const kept = all.filter((one) => references.has(one));
      return references.has(ref) ? [{ ref, dependsOn: kept }] : [];
    }),
  };
  return { ...complete, serialNumber: serialNumberOf({ ...complete, serialNumber: "" }) };
}

function llamaCppComponent({ version, repository }: Parts["llamaCpp"]): Component {
  const name = "llama.cpp";
  return {
    "bom-ref": `${name}@${version}`,
    type: "library",
    name,
    version,
    licenses: [{ license: { id: "MIT" } }],
    externalReferences: [{ type: "vcs", url: `https://github.com/${repository}` }],
  };
}

/** It is fetched at the first start, not shipped. */
function modelComponent({ fileName, revision, sha256, url }: ModelPart): Component {
  return {
    "bom-ref": `${fileName}@${revision}`,
    type: "machine-learning-model",
    name: fileName,
    version: revision,
    licenses: [{ license: { id: "Apache-2.0" } }],
    hashes: [{ alg: "SHA-256", content: sha256 }],
    externalReferences: [{ type: "distribution", url }],
  };
}

const reference = (component: Component): string => component["bom-ref"];

function byReference(left: Component, right: Component): number {
  return reference(left) < reference(right) ? -1 : 1;
}

/** A UUID made of the content (RFC 9562, version 8). */
function serialNumberOf(bill: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(bill)).digest("hex");
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ];
  return `urn:uuid:${parts.join("-")}`;
}
