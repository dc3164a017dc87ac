import type { Answer, FakeRequest, GrafanaContent, Json } from "./fake-content.ts";

const path = "/api/v1/provisioning/alert-rules";

export function answerRules(
  { method, url, body }: FakeRequest,
  content: GrafanaContent,
): Answer | undefined {
  const { rules } = content;
  if (url.pathname === path) {
    if (method === "GET") {
      return { status: 200, body: [...rules.values()] };
    }
    if (method === "POST") {
      const hasTitle = [...rules.values()].some(
        ({ title, folderUID }) => title === body.title && folderUID === body.folderUID,
      );
      return rules.has(String(body.uid)) || hasTitle
        ? { status: 409, body: { message: "rule under the same organisation and UID exists" } }
        : store(content, body, 201);
    }
  }
  const [, uid] = /^\/api\/v1\/provisioning\/alert-rules\/([\w-]+)$/.exec(url.pathname) ?? [];
  if (uid === undefined) {
    return undefined;
  }
  const present = rules.get(uid);
  if (present === undefined) {
    return { status: 404, body: { message: "could not find alert rule" } };
  }
  if (method !== "GET" && present.provenance === "file") {
    return { status: 409, body: { message: "cannot change provenance from 'file' to 'api'" } };
  }
  switch (method) {
    case "GET":
      return { status: 200, body: present };
    case "PUT":
      return store(content, body, 200);
    case "DELETE":
      rules.delete(uid);
      return { status: 204, body: {} };
    default:
      return undefined;
  }
}

interface Step {
  readonly model: Json;
}

/** Grafana writes durations anew and adds fields to models. */
function store({ rules, folders }: GrafanaContent, body: Json, status: number): Answer {
  const missing = ["title", "condition", "data", "folderUID", "ruleGroup", "orgID"].filter(
    (field) => body[field] === undefined,
  );
  if (missing.length > 0 || !folders.has(String(body.folderUID))) {
    return { status: 400, body: { message: `invalid alert rule: ${missing.join()}` } };
  }
  const data = (body.data as readonly Step[]).map((step) => ({
    queryType: "",
    ...step,
    model: { intervalMs: 1000, maxDataPoints: 43_200, ...step.model },
  }));
  const rule = {
    id: 1,
    ...body,
    orgID: 7,
    data,
    for: goDuration(String(body.for)),
    updated: "2026-01-02T03:04:05Z",
    provenance: "api",
    isPaused: body.isPaused ?? false,
    notification_settings: body.notification_settings ?? null,
  };
  rules.set(String(body.uid), rule);
  return { status, body: rule };
}

function goDuration(text: string): string {
  return /^0[smh]?$/.test(text) ? "0s" : text;
}
