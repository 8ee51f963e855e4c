/** What this host can do. The build puts a module in the place of this one that knows the kinds, and loads what does them with the first. */
export { createNodePerformers } from "./effects/performers.ts";
