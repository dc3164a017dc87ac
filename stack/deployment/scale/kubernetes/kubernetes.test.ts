/** The objects of Kubernetes, which are written by hand, beside what is generated. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { getServiceName } from "#contract";
import { miniserve } from "#miniserve";
import { serverSettings } from "#settings";
import { readComposeFile } from "../../../../tests/support/compose-file.ts";
import { keepsLinesThroughKill } from "../../pipeline/collector/log-lines.ts";

const stack = join(import.meta.dirname, "../../..");
const read = (name: string) => readFileSync(join(stack, name), "utf8");
const kustomization: Kustomization = parse(read("kustomization.yaml"));
const { resources, configMapGenerator: configMaps } = kustomization;
const objects: KubernetesObject[] = resources.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => document.toJS()),
);
const pods = objects.flatMap(({ spec }) => spec.template?.spec ?? []);
const containers = pods.flatMap((pod) => [...pod.containers, ...(pod.initContainers ?? [])]);
const collectors = containers.filter(({ image }) => image.includes("collector"));

test("what the objects of Kubernetes name is there, or said to be needed", () => {
  for (const file of configMaps.flatMap(({ files }) => files)) {
    assert.ok(existsSync(join(stack, file)), file);
  }
  assert.equal(pods.length, 2);
  for (const { volumes, containers, initContainers = [] } of pods) {
    const named = [...volumes.map(({ name }) => name), "data"];
    for (const { configMap, secret } of volumes) {
      const isMade = configMaps.some(({ name }) => name === configMap?.name);
      assert.ok(configMap === undefined || isMade, configMap?.name);
      assert.ok(secret === undefined || read("kustomization.yaml").includes(secret.secretName));
    }
    for (const { name, volumeMounts, securityContext } of [...containers, ...initContainers]) {
      assert.ok(
        volumeMounts.every((mount) => named.includes(mount.name)),
        name,
      );
      assert.equal(securityContext.allowPrivilegeEscalation, false);
    }
  }
});

test("a Collector is that of the Compose file, and reads files of its ConfigMap", () => {
  const { collector } = readComposeFile().services;
  assert.equal(collectors.length, 2);
  for (const { name, image, args = [], volumeMounts } of collectors) {
    assert.equal(image, collector?.image);
    const pod = pods.find((one) =>
      [...one.containers, ...(one.initContainers ?? [])].some((it) => it.name === name),
    );
    const folder = volumeMounts.find(({ mountPath }) => mountPath === "/etc/otelcol/config");
    const volume = pod?.volumes.find((one) => one.name === folder?.name);
    const files = configMaps.find((one) => one.name === volume?.configMap?.name)?.files ?? [];
    assert.deepEqual(
      args.filter((word) => word.startsWith("--config=")),
      files.map((file) => `--config=/etc/otelcol/config/${file.split("/").at(-1)}`),
    );
  }
  const agent = collectors.find(({ name }) => name === "agent");
  assert.ok(agent?.args?.includes(keepsLinesThroughKill));
});

test("the service is called as in the contract, and each setting is one that the server has", () => {
  const service = getServiceName(miniserve);
  const server = containers.find(({ name }) => name === service);
  assert.equal(server?.image, service);
  assert.deepEqual(
    kustomization.images.map(({ name }) => name),
    [service],
  );
  const settings = (server?.env ?? []).map(({ name }) => name).filter((name) => name !== exporter);
  assert.ok(settings.length > 5);
  for (const name of settings) {
    assert.ok(name in serverSettings, name);
  }
  const logs = server?.env?.find(({ name }) => name === "MINISERVE_LOG_FILE")?.value;
  assert.equal(logs, `/logs/${service}.log`);
});

const exporter = "OTEL_EXPORTER_OTLP_ENDPOINT";

test("agents find the gateways by their headless service", () => {
  const headless = objects.find(({ spec }) => spec.clusterIP === "None");
  const agent = read("generated/scale/collector-agent.yaml");
  assert.ok(agent.includes(`GATEWAY_HOST:-${headless?.metadata.name}}`));
});

const kubectl = spawnSync("kubectl", ["kustomize", stack], { encoding: "utf8" });

test("Kustomize makes of them objects that name its ConfigMaps", {
  skip: kubectl.error !== undefined && "kubectl is not there",
}, () => {
  assert.equal(kubectl.status, 0, kubectl.stderr);
  const made = parseAllDocuments(kubectl.stdout).map((document) => document.toJS());
  const names = made.flatMap(({ kind, metadata }) => (kind === "ConfigMap" ? metadata.name : []));
  assert.equal(names.length, configMaps.length);
  for (const name of names) {
    assert.match(kubectl.stdout, new RegExp(`configMap:\\s+name: ${name}$`, "m"));
  }
});

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly {
    readonly name: string;
    readonly files: readonly string[];
  }[];
  readonly images: readonly { readonly name: string }[];
}

interface KubernetesObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly clusterIP?: string; readonly template?: { readonly spec: Pod } };
}

interface Pod {
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly secret?: { readonly secretName: string };
  }[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: { readonly allowPrivilegeEscalation: boolean };
}
