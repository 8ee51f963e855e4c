/** All builtins and methods of the standard library, by topic, and the text of its prelude. */
import type { Builtin } from "../builtin/declaration.ts";
import { assertionBuiltins } from "./assertions.ts";
import { concurrencyBuiltins } from "./concurrency.ts";
import { conversionBuiltins } from "./conversion.ts";
import { errorBuiltins } from "./error-categories.ts";
import { jsonBuiltins } from "./json.ts";
import { listCallbackMethods, listPrimitives } from "./list-callbacks.ts";
import { listMethods } from "./list-methods.ts";
import { outputBuiltins } from "./output.ts";
import { listPrelude } from "./prelude/lists.harn.ts";
import { resultBuiltins } from "./results.ts";

export const stdlibBuiltins: readonly Builtin[] = [
  ...outputBuiltins,
  ...conversionBuiltins,
  ...resultBuiltins,
  ...assertionBuiltins,
  ...errorBuiltins,
  ...jsonBuiltins,
  ...concurrencyBuiltins,
  ...listMethods,
  ...listCallbackMethods,
  ...listPrimitives,
];

/** The prelude module (`std/prelude`): methods that take callbacks, in Harn. */
export const preludeSource: string = [listPrelude].join("\n");
