import type { Answer, FakeRequest, GrafanaContent, Json } from "./fake-content.ts";

const path = "/api/query-history";

export function answerHistory(
  { method, url, body }: FakeRequest,
  { history, hasHistory }: GrafanaContent,
): Answer | undefined {
  if (!hasHistory || !url.pathname.startsWith(path)) {
    return undefined;
  }
  const [star, uid] = /^\/api\/query-history\/(star\/)?([\w-]+)$/.exec(url.pathname)?.slice(1) ?? [
    undefined,
    undefined,
  ];
  if (url.pathname === path) {
    return method === "GET" ? search(history, url) : make(history, body);
  }
  const present = history.get(uid ?? "");
  if (present === undefined) {
    return { status: 500, body: { message: "Failed to find query in query history" } };
  }
  if (star !== undefined || method === "PATCH") {
    const change = star === undefined ? { comment: body.comment } : { starred: method === "POST" };
    history.set(uid ?? "", { ...present, ...change });
    return { status: 200, body: { result: history.get(uid ?? "") } };
  }
  history.delete(uid ?? "");
  return { status: 200, body: { message: "Query deleted", id: 1 } };
}

function make(history: Map<string, Json>, { datasourceUid, queries }: Json): Answer {
  const uid = `entry-${history.size + 1}-${Math.random().toString(36).slice(2, 8)}`;
  const entry = {
    uid,
    datasourceUid,
    createdBy: 1,
    createdAt: Math.floor(Date.now() / 1000),
    comment: "",
    queries,
    starred: false,
  };
  history.set(uid, entry);
  return { status: 200, body: { result: entry } };
}

function search(history: Map<string, Json>, { searchParams }: URL): Answer {
  const text = searchParams.get("searchString") ?? "";
  const [from, to] = ["from", "to"].map((name) => Number(searchParams.get(name)) / 1000);
  const limit = Number(searchParams.get("limit") ?? 100);
  const page = Number(searchParams.get("page") ?? 1);
  const found = [...history.values()]
    .filter(({ createdAt }) => Number(createdAt) >= (from ?? 0) && Number(createdAt) <= (to ?? 0))
    .filter(({ comment, queries }) => `${comment}${JSON.stringify(queries)}`.includes(text))
    .reverse();
  const queryHistory = found.slice((page - 1) * limit, page * limit);
  return {
    status: 200,
    body: { result: { totalCount: found.length, page, perPage: limit, queryHistory } },
  };
}
