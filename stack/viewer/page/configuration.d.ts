/** What the page gets for `#configuration`: the bundler puts the configuration of the stack there. */
import type { Configuration } from "#contract";

declare const configuration: Configuration;
export default configuration;
