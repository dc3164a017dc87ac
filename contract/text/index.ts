export { counted } from "./counted.ts";
export { withoutCredentials, withoutSecrets } from "./credentials.ts";
export { changesAllowed, nearestTo } from "./nearest.ts";
export { shortText, visibleJson, visibleText } from "./visible-text.ts";
