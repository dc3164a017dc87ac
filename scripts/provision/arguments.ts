import type { Services } from "#contract";
import type { DatasourceChoices, GrafanaAccess } from "../../provisioning/index.ts";
import { type CommandCall, namedVariable, serviceOptions } from "../../stack/index.ts";
import { unusable } from "../query/arguments.ts";

export const options = {
  grafana: { type: "string", value: "URL", does: "Grafana's URL, including its path." },
  "token-env": {
    type: "string",
    value: "NAME",
    does: "The variable with a token or user:password (GRAFANA_TOKEN).",
  },
  "headers-env": {
    type: "string",
    value: "NAME",
    does: "The variable with extra headers for a sign-in proxy, one Name: value per line (GRAFANA_HEADERS).",
  },
  ...serviceOptions,
  folder: { type: "string", value: "NAME", does: "The folder's title (the service's name)." },
  "tempo-uid": { type: "string", value: "UID", does: "An existing Tempo datasource." },
  "tempo-url": {
    type: "string",
    value: "URL",
    does: "Or the URL for a new one, as Grafana reaches it (http://localhost:3200).",
  },
  "loki-uid": { type: "string", value: "UID", does: "The same for Loki." },
  "loki-url": { type: "string", value: "URL", does: "Without either, there is no Loki." },
  "prometheus-uid": { type: "string", value: "UID", does: "The same for Prometheus." },
  "prometheus-url": {
    type: "string",
    value: "URL",
    does: "Without either, there is no Prometheus.",
  },
  "dry-run": { type: "boolean", does: "Show the plan and change nothing." },
  prune: { type: "boolean", does: "Delete our objects that are no longer generated." },
  export: {
    type: "string",
    value: "configmap",
    does: "Print ConfigMaps for the sidecars of Grafana's Helm chart instead; needs no Grafana.",
  },
} as const;

type Given = CommandCall<typeof options>["options"];

/** Where Grafana is, and with what it is entered. @throws StackError `usage_invalid`. */
export function readAccess(given: Given): GrafanaAccess {
  const { grafana: url } = given;
  const variable = given["token-env"] ?? "GRAFANA_TOKEN";
  if (url === undefined) {
    throw unusable(
      "It is not said which Grafana.",
      "For example: npm run provision -- --grafana http://localhost:3000 --dry-run",
    );
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw unusable("--grafana is no URL.", "Write it as https://grafana.example.org.");
  }
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") {
    throw unusable(
      "--grafana has a name or a password in it, which others on this machine can see.",
      `Put user:password into the variable ${variable} instead.`,
    );
  }
  requireName("token-env", variable);
  const headers = parseHeaders(given);
  const credential = namedVariable(variable);
  // What is before Grafana may say to it who asks.
  if (credential === undefined && Object.keys(headers).length === 0) {
    throw unusable(
      `The variable ${variable} is not set.`,
      "Put a token of a service account into it, or user:password. Its name is enough here.",
    );
  }
  if (!/^[ -~]+$/.test(credential ?? " ")) {
    throw unusable(
      `What is in the variable ${variable} has a line break, or a character that no token has.`,
      "Set it to the token or user:password alone: one line of printable ASCII.",
    );
  }
  return { url, credential, headers };
}

function requireName(option: "token-env" | "headers-env", variable: string): void {
  if (!/^[A-Za-z_]\w*$/.test(variable)) {
    throw unusable(
      `--${option} takes the name of a variable, not what is in it.`,
      "Set the variable, and give its name.",
    );
  }
}

/** Those that a connection, or the form of a request, is made of. */
const ownHeaders =
  /^(?:accept|connection|content-.*|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** The headers in the variable. What is wrong with a line is said without repeating it. */
function parseHeaders(given: Given): Record<string, string> {
  const variable = given["headers-env"] ?? "GRAFANA_HEADERS";
  requireName("headers-env", variable);
  const lines = (namedVariable(variable) ?? "").split(/\r?\n/).filter((line) => line.trim() !== "");
  if (given["headers-env"] !== undefined && lines.length === 0) {
    throw unusable(`The variable ${variable} is not set.`, "Put Name: value into it, a line each.");
  }
  return Object.fromEntries(
    lines.map((line, index) => {
      const [, name = "", value = ""] =
        /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([!-~](?:[ -~]*[!-~])?)\s*$/.exec(line) ?? [];
      if (name === "" || ownHeaders.test(name)) {
        throw unusable(
          `Line ${index + 1} of the variable ${variable} is no header that may be set.`,
          "Write Name: value in printable ASCII, a line each: Proxy-Authorization: Bearer …",
        );
      }
      return [name.toLowerCase(), value];
    }),
  );
}

/** Which datasources are used, and which are made. @throws StackError `usage_invalid`. */
export function readChoices(given: Given): DatasourceChoices {
  return Object.fromEntries(
    (["tempo", "loki", "prometheus"] as const).map((type) => {
      const [uid, url] = [given[`${type}-uid`], given[`${type}-url`]];
      if (uid !== undefined && url !== undefined) {
        throw unusable(
          `--${type}-uid and --${type}-url are given.`,
          "The one is for a datasource that is there, the other for a new one. Give one.",
        );
      }
      if (uid !== undefined && !/^[\w-]{1,40}$/.test(uid)) {
        throw unusable(
          `--${type}-uid is no uid.`,
          "Grafana shows it in the address of the datasource's page: letters, digits, - and _.",
        );
      }
      if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
        throw unusable(`--${type}-url is no URL.`, "Write it as http://tempo:3200.");
      }
      const choice =
        uid !== undefined
          ? { uid }
          : url !== undefined
            ? { url: url.replace(/\/+$/, "") }
            : undefined;
      return [type, choice];
    }),
  );
}

/** Dashboards of several services in one folder could not be told apart. @throws StackError `usage_invalid`. */
export function requireOneFolder({ folder }: Given, services: Services): void {
  if (folder !== undefined && services.length > 1) {
    throw unusable(
      "--folder is for the dashboards of one service.",
      `Name it with --service: ${services.map(({ name }) => name).join(", ")}.`,
    );
  }
}

/** @throws StackError `usage_invalid`. */
export function requireConfigMap(given: Given): void {
  if (given.export !== "configmap") {
    throw unusable("--export takes configmap.", "npm run provision -- --export configmap");
  }
  const idle = (["grafana", "token-env", "headers-env", "dry-run", "prune"] as const).filter(
    (name) => given[name] !== undefined,
  );
  if (idle.length > 0) {
    throw unusable(
      `--export asks no Grafana, so --${idle.join(" and --")} would do nothing.`,
      "Leave it out.",
    );
  }
}
