/** The settings of all programs: one table each, one reader. */
export { settingsPage } from "./page.ts";
export {
  type Environment,
  readSettings,
  readVariable,
  type SettingFault,
  type SettingValues,
} from "./read-settings.ts";
export { serverSettings } from "./server-settings.ts";
export { sharedSettings, stackSettings } from "./stack-settings.ts";
