import { execFileSync } from "node:child_process";
import type { ContractData, GeneratedFile, Service, Services } from "#contract";
import { StackError } from "../../stack/index.ts";

/** Where the contract of the only service was, before there could be several. */
const formerContractFile = "docs/generated/contract.json";
const maxBytes = 64 * 1024 * 1024;

export interface Base {
  /** By the id of the service. */
  readonly contracts: ReadonlyMap<string, ContractData>;
  readonly files: readonly GeneratedFile[];
}

/**
 * The contracts and the generated files as they were committed, in a folder of a repository.
 * @throws StackError `file_unreadable` when there is no such commit, or none with a contract.
 */
export function readBase(root: string, reference: string, services: Services): Base {
  const commit = git(
    root,
    reference,
    "rev-parse",
    "--verify",
    "--end-of-options",
    `${reference}^{commit}`,
  ).trim();
  const paths = git(root, reference, "ls-tree", "-r", "-z", "--name-only", commit)
    .split("\0")
    .filter((path) => /^[a-z]+\/generated\//.test(path));
  const files = paths.map((path) => ({
    path,
    content: git(root, reference, "show", `${commit}:./${path}`),
  }));
  const contracts = new Map(
    services.flatMap((service) => {
      const file = findContractFile(service, files);
      return file === undefined ? [] : [[service.id, parseContract(file, reference)]];
    }),
  );
  if (contracts.size === 0) {
    const wanted = services.map(({ id }) => `docs/generated/${id}/contract.json`);
    throw unreadable(`${reference} has no ${wanted.join(" or ")}.`);
  }
  return { contracts, files };
}

function findContractFile(
  { id, name, contract }: Service,
  files: readonly GeneratedFile[],
): GeneratedFile | undefined {
  const own = files.find(({ path }) => path === `docs/generated/${id}/contract.json`);
  const former = files.find(({ path }) => path === formerContractFile);
  const isFormer = former?.content.includes(
    `${JSON.stringify(contract.resource.serviceName)}: ${JSON.stringify(name)}`,
  );
  return own ?? (isFormer === true ? former : undefined);
}

function parseContract({ path, content }: GeneratedFile, reference: string): ContractData {
  try {
    return JSON.parse(content, renewedWords);
  } catch {
    throw unreadable(`${path} of ${reference} is not JSON.`);
  }
}

const renewedNames = new Map([
  ["meaning", "brief"],
  ["form", "pattern"],
]);
const renewedValues = new Map([
  ["presence on-demand", "optional"],
  ["tree whole", "complete"],
  ["instrument observed-counter", "observable-counter"],
]);

/** Reads a contract that was committed before its words became those of OpenTelemetry's registry. */
function renewedWords(name: string, value: unknown): unknown {
  if (typeof value === "string") {
    return renewedValues.get(`${name} ${value}`) ?? value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  // What is named by an identifier is no text: an attribute may be called `form`.
  return Object.fromEntries(
    Object.entries(value).map(([member, content]) => [
      (typeof content === "string" ? renewedNames.get(member) : undefined) ?? member,
      content,
    ]),
  );
}

function git(root: string, reference: string, ...options: string[]): string {
  try {
    return execFileSync("git", options, {
      cwd: root,
      encoding: "utf8",
      maxBuffer: maxBytes,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: string };
    const words = stderr?.trim().split("\n").at(-1) || code || "it failed";
    throw unreadable(`git cannot read ${reference}: ${words}.`);
  }
}

function unreadable(message: string): StackError {
  return new StackError("file_unreadable", {
    message,
    hint: "Name a commit that has one: npm run contract:diff -- --base main~1",
  });
}
