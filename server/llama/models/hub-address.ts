import { ModelError } from "./model-error.ts";

export interface HubAddress {
  readonly user: string;
  readonly repository: string;
  /** A branch, tag or commit of the repository. */
  readonly revision: string;
  /** The path of the file inside the repository, ending in `.gguf`. */
  readonly file: string;
}

const scheme = "hf:";
const part = /^(?!\.+$)[A-Za-z0-9._-]+$/;
const hint = "Write hf:user/repository/file.gguf or hf:user/repository@revision/file.gguf.";

export const isHubAddress = (model: string): boolean => model.startsWith(scheme);

/**
 * Reads `hf:user/repository/file.gguf`; a revision may stand behind the repository or at the end,
 * each time after an `@`. Without one it is `main`.
 *
 * @throws ModelError `model_address_invalid`
 */
export function parseHubAddress(address: string): HubAddress {
  const match = /^hf:([^/]+)\/([^/@]+)(?:@([^/@]+))?\/(.+\.gguf)(?:@([^/@]+))?$/i.exec(address);
  const [, user = "", repository = "", inner, file = "", outer] = match ?? [];
  const revision = inner ?? outer ?? "main";
  const parts = [user, repository, revision, ...file.split("/")];
  if (!parts.every((name) => part.test(name)) || (inner !== undefined && outer !== undefined)) {
    throw new ModelError("model_address_invalid", {
      message: `The model address "${address}" cannot be read.`,
      hint,
    });
  }
  if (/-\d{5}-of-\d{5}\.gguf$/i.test(file)) {
    throw new ModelError("model_address_invalid", {
      message: `The model address "${address}" names one part of a model in several files.`,
      hint: "Download all parts into one folder and give the path of the first.",
    });
  }
  return { user, repository, revision, file };
}

export function formatHubAddress({ user, repository, revision, file }: HubAddress): string {
  return `${scheme}${user}/${repository}@${revision}/${file}`;
}

/** Where the hub hands out the file's content. */
export function hubFileUrl(hubUrl: string, { user, repository, revision, file }: HubAddress): URL {
  return new URL(`${user}/${repository}/resolve/${revision}/${file}`, withTrailingSlash(hubUrl));
}

const withTrailingSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);
