import type { Answer, FakeRequest, GrafanaContent, Json } from "./fake-content.ts";

const path = "/api/datasources";

export function answerDatasources(
  { method, url, body }: FakeRequest,
  { datasources }: GrafanaContent,
): Answer | undefined {
  if (url.pathname === path) {
    if (method === "GET") {
      return { status: 200, body: [...datasources.values()] };
    }
    if (method === "POST") {
      return create(datasources, body);
    }
  }
  if (/^\/api\/datasources\/uid\/[\w-]+\/health$/.test(url.pathname)) {
    return { status: 200, body: { status: "OK", message: "Data source is working" } };
  }
  const [, uid] = /^\/api\/datasources\/uid\/([\w-]+)$/.exec(url.pathname) ?? [];
  if (uid === undefined) {
    return undefined;
  }
  const present = datasources.get(uid);
  if (present === undefined) {
    return { status: 404, body: { message: "Data source not found", traceID: "" } };
  }
  switch (method) {
    case "GET":
      return { status: 200, body: present };
    case "PUT":
      return update(datasources, present, body);
    case "DELETE":
      datasources.delete(uid);
      return { status: 200, body: { id: 1, message: "Data source deleted" } };
    default:
      return undefined;
  }
}

function create(datasources: Map<string, Json>, body: Json): Answer {
  const uid = String(body.uid);
  const isTaken = [...datasources.values()].some(({ name }) => name === body.name);
  if (isTaken || datasources.has(uid)) {
    const what = isTaken ? "name" : "uid";
    return { status: 409, body: { message: `data source with the same ${what} already exists` } };
  }
  const datasource = {
    id: datasources.size + 1,
    orgId: 1,
    typeLogoUrl: "",
    user: "",
    database: "",
    basicAuth: false,
    basicAuthUser: "",
    withCredentials: false,
    secureJsonFields: {},
    version: 1,
    readOnly: false,
    ...body,
  };
  datasources.set(uid, datasource);
  return { status: 200, body: { datasource, id: 1, message: "Datasource added", name: body.name } };
}

function update(datasources: Map<string, Json>, present: Json, body: Json): Answer {
  if (present.readOnly === true) {
    return { status: 403, body: { message: "Cannot update read-only data source" } };
  }
  if (body.version !== undefined && body.version !== present.version) {
    return {
      status: 409,
      body: { message: "Datasource has already been updated by someone else. Please reload" },
    };
  }
  const datasource = { ...present, ...body, version: Number(present.version) + 1 };
  datasources.set(String(present.uid), datasource);
  return { status: 200, body: { datasource, id: 1, message: "Datasource updated" } };
}
