import type { Answer, FakeRequest, GrafanaContent } from "./fake-content.ts";

const path = "/api/folders";

export function answerFolders(
  { method, url, body }: FakeRequest,
  { folders, isAdmin }: GrafanaContent,
): Answer | undefined {
  if (url.pathname === path) {
    if (method === "GET") {
      return { status: 200, body: [...folders.values()].map((folder) => ({ id: 1, ...folder })) };
    }
    if (method === "POST") {
      const { uid, title } = body as { uid: string; title: string };
      if (folders.has(uid)) {
        return {
          status: 412,
          body: { message: "a folder with the same UID already exists", status: "name-exists" },
        };
      }
      folders.set(uid, { uid, title });
      return { status: 200, body: { id: 1, uid, title, version: 1, canSave: true } };
    }
  }
  const uid = url.pathname.startsWith(`${path}/`) ? url.pathname.slice(path.length + 1) : undefined;
  if (uid === undefined || method !== "GET") {
    return undefined;
  }
  const folder = folders.get(uid);
  if (folder === undefined && !isAdmin) {
    const message = "You'll need additional permissions to perform this action: folders:read";
    return { status: 403, body: { accessErrorId: "ACE0000000002", message } };
  }
  return folder === undefined
    ? { status: 404, body: { message: "folder not found", status: "not-found" } }
    : { status: 200, body: { id: 1, ...folder, version: 1 } };
}
