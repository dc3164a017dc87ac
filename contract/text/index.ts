export { withoutCredentials, withoutSecrets } from "./credentials.ts";
export { shortText, visibleJson, visibleText } from "./visible-text.ts";
