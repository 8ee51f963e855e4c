/** What a run needs only once it waits. The build puts a module in the place of this one that loads it then. */
export { newFreezer, newThawer } from "./makers.ts";
