import type { Answer, FakeRequest, GrafanaContent, Json } from "./fake-content.ts";

export function answerDashboards(
  { method, url, body }: FakeRequest,
  content: GrafanaContent,
): Answer | undefined {
  if (method === "POST" && url.pathname === "/api/dashboards/db") {
    return save(content, body);
  }
  if (method === "GET" && url.pathname === "/api/search") {
    const tag = url.searchParams.get("tag");
    const found = [...content.dashboards.values()]
      .map(({ dashboard }) => dashboard)
      .filter(({ tags }) => tag === null || (tags as readonly string[]).includes(tag));
    return {
      status: 200,
      body: found.map(({ uid, title, tags }) => ({ id: 1, uid, title, tags, type: "dash-db" })),
    };
  }
  if (method === "GET" && url.pathname === "/api/library-elements") {
    const elements = [...content.libraryPanels].map(([uid, model]) => ({ uid, kind: 1, model }));
    return { status: 200, body: { result: { totalCount: elements.length, page: 1, elements } } };
  }
  const [, uid, rest] = /^\/api\/dashboards\/uid\/([\w-]+)(\/versions)?$/.exec(url.pathname) ?? [];
  return uid === undefined ? undefined : answerOne(content, { method, uid, rest });
}

interface DashboardQuery {
  readonly method: string;
  readonly uid: string;
  readonly rest: string | undefined;
}

function answerOne(
  { dashboards }: GrafanaContent,
  { method, uid, rest }: DashboardQuery,
): Answer | undefined {
  const present = dashboards.get(uid);
  if (present === undefined) {
    return { status: 404, body: { message: "Dashboard not found", traceID: "" } };
  }
  const { dashboard, folderUid, provisioned, messages } = present;
  if (method === "GET" && rest !== undefined) {
    const versions = messages.map((message, index) => ({
      id: 1,
      uid,
      version: dashboard.version - index,
      createdBy: "ada",
      message,
    }));
    return { status: 200, body: { continueToken: "", versions: versions.slice(0, 1) } };
  }
  if (method === "GET") {
    const meta = { type: "db", slug: uid, folderUid, provisioned, version: dashboard.version };
    return { status: 200, body: { dashboard, meta } };
  }
  if (method === "DELETE") {
    dashboards.delete(uid);
    return { status: 200, body: { title: dashboard.title, message: "deleted", id: 1 } };
  }
  return undefined;
}

function save({ dashboards, folders }: GrafanaContent, body: Json): Answer {
  const dashboard = body.dashboard as Json & { readonly version?: number };
  const uid = String(dashboard.uid);
  const folderUid = String(body.folderUid ?? "");
  if (folderUid !== "" && !folders.has(folderUid)) {
    return { status: 400, body: { message: "folder not found", status: "not-found" } };
  }
  const present = dashboards.get(uid);
  if (present?.provisioned === true) {
    return { status: 400, body: { message: "Cannot save provisioned dashboard" } };
  }
  if (present !== undefined && body.overwrite !== true) {
    if (dashboard.version !== present.dashboard.version) {
      return {
        status: 412,
        body: {
          message: "The dashboard has been changed by someone else",
          status: "version-mismatch",
        },
      };
    }
  }
  const version = (present?.dashboard.version ?? 0) + 1;
  const id = present?.dashboard.id ?? dashboards.size + 1;
  dashboards.set(uid, {
    dashboard: { ...dashboard, id, version },
    folderUid,
    provisioned: false,
    messages: [String(body.message ?? ""), ...(present?.messages ?? [])],
  });
  return { status: 200, body: { id, uid, status: "success", version, slug: uid } };
}
