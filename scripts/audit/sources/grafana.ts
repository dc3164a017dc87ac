import { shortText } from "#contract";
import {
  type GrafanaAccess,
  GrafanaClient,
  ProvisioningError,
} from "../../../provisioning/index.ts";
import type { Board, Surroundings } from "../boards/board.ts";
import { readBoards } from "../boards/read-boards.ts";
import { asList, asObject, asText, getAt, getMember } from "../documents/json-values.ts";
import type { AuditedSource, ReadSources, UnreadSource } from "./audited-source.ts";

const pageSize = 1_000;
/** More pages, and something answers each of them alike. */
const mostPages = 100;

/**
 * Reads every dashboard, library panel and alert rule of a Grafana that the account may see.
 * @throws ProvisioningError when it cannot be asked.
 */
export class GrafanaSource {
  readonly #client: GrafanaClient;

  constructor(access: GrafanaAccess) {
    this.#client = new GrafanaClient(access);
  }

  async readSurroundings(): Promise<Surroundings> {
    return {
      datasourceTypes: await this.#datasourceTypes(),
      libraryPanels: new Map(
        (await this.#libraryPanels()).flatMap(({ uid, model }): [string, unknown][] =>
          uid === undefined ? [] : [[uid, model]],
        ),
      ),
    };
  }

  async readAll(surroundings: Surroundings): Promise<ReadSources> {
    const sources: AuditedSource[] = [];
    const unread: UnreadSource[] = [];
    for (const { uid, title, url } of await this.#dashboards()) {
      // With the path below which Grafana is served, if it has one.
      const place = URL.parse(url, this.#client.url)?.href ?? url;
      const value = await this.#readDashboard(uid);
      const boards = value === undefined ? [] : boardsOf(value, surroundings);
      if (boards.length === 0) {
        unread.push({ place, reason: `"${shortText(title)}" is of a form that is not known` });
      } else {
        sources.push({ place, boards });
      }
    }
    const rules = await this.#optional("/api/v1/provisioning/alert-rules");
    if (rules === undefined) {
      unread.push({ place: this.#client.url, reason: "this account may not read alert rules" });
    } else if (asList(rules).length > 0) {
      const place = `${this.#client.url}/alerting/list`;
      sources.push({ place, boards: boardsOf(rules, surroundings) });
    }
    return { sources, unread, others: 0 };
  }

  async #dashboards() {
    const found = await this.#pages("/api/search?type=dash-db&limit=1000&page=", (answer) =>
      asList(answer),
    );
    return found.flatMap((one) => {
      const [uid, title, url] = ["uid", "title", "url"].map((name) => asText(getMember(one, name)));
      return uid === undefined ? [] : [{ uid, title: title ?? uid, url: url ?? `/d/${uid}` }];
    });
  }

  /** In the form in which it was saved: the older API refuses to give out one of version 2. */
  async #readDashboard(uid: string): Promise<unknown> {
    const path = encodeURIComponent(uid);
    const classic = await this.#optional(`/api/dashboards/uid/${path}`);
    if (classic !== undefined) {
      return classic;
    }
    for (const version of ["v2", "v2beta1", "v2alpha1"]) {
      const api = `/apis/dashboard.grafana.app/${version}/namespaces/default/dashboards/${path}`;
      const resource = await this.#optional(api);
      if (resource !== undefined) {
        return resource;
      }
    }
    return undefined;
  }

  async #libraryPanels() {
    const found = await this.#pages(
      "/api/library-elements?kind=1&perPage=1000&page=",
      (answer) => asList(getAt(answer, "result", "elements")),
      true,
    );
    return found.map((one) => ({
      uid: asText(getMember(one, "uid")),
      model: getMember(one, "model"),
    }));
  }

  async #datasourceTypes(): Promise<ReadonlyMap<string, string>> {
    const listed = await this.#optional("/api/datasources");
    const all =
      listed === undefined
        ? Object.values(
            asObject(getMember(await this.#client.get("/api/frontend/settings"), "datasources")),
          )
        : asList(listed);
    return new Map(
      all.flatMap((one) => {
        const { uid, name, type, isDefault } = asObject(one);
        return [uid, name, ...(isDefault === true ? ["default"] : [])].flatMap(
          (key): [string, string][] =>
            typeof key === "string" && typeof type === "string" ? [[key, type]] : [],
        );
      }),
    );
  }

  async #pages(
    path: string,
    read: (answer: unknown) => readonly unknown[],
    mayLack = false,
  ): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const asked = `${path}${page}`;
      const answer = mayLack ? await this.#optional(asked) : await this.#client.get(asked);
      const found = read(answer);
      all.push(...found);
      if (found.length < pageSize) {
        break;
      }
    }
    return all;
  }

  /** Undefined where there is no such thing, or this account may not see it. */
  async #optional(path: string): Promise<unknown> {
    try {
      return await this.#client.find(path);
    } catch (error) {
      const isRefusal =
        error instanceof ProvisioningError &&
        ["grafana_forbidden", "grafana_refused"].includes(error.code);
      if (isRefusal) {
        return undefined;
      }
      throw error;
    }
  }
}

function boardsOf(value: unknown, surroundings: Surroundings): Board[] {
  return readBoards({ value, findPlace: () => undefined }, surroundings);
}
