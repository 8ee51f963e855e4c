/** The prelude module (`std/prelude`): methods that take callbacks, in Harn. */
import { dictPrelude } from "./dicts.harn.ts";
import { iteratorPrelude } from "./iterators.harn.ts";
import { listPrelude } from "./lists.harn.ts";
import { setPrelude } from "./sets.harn.ts";

export const preludeSource: string = [listPrelude, dictPrelude, setPrelude, iteratorPrelude].join("\n");
