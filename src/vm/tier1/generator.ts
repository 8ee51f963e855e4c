/** The generator of code, of which the units know only this. The build loads it with the first function that is warm. */
export { compileFunction, compileInside } from "./compile.ts";
