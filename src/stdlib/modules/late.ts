/** The modules by name, for the compiler. The build puts a module in the place of this one that loads their texts with the first import. */
export { stdModules } from "./index.ts";
