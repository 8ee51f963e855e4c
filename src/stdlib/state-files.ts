/** The project's key-value store (`store.json`) and the checkpoints of a program (`checkpoints/NAME.json`), in its state folder. */
import { joinPath } from "../base/path.ts";
import type { Call } from "../builtin/call.ts";
import type { Builtin, Example, Need } from "../builtin/declaration.ts";
import { builtin, suspending, withExamples } from "../builtin/declaration.ts";
import type { Change } from "./kept-change.ts";
import {
  changeKept,
  finishKept,
  hasKept,
  keptKeys,
  keptText,
  keptValue,
  programPlace,
  programStateRoot,
} from "./kept-dict.ts";

type PathOf = (call: Call) => string;

const storePath: PathOf = (call) => joinPath(programStateRoot(call), "store.json");
const checkpointPath: PathOf = (call) =>
  joinPath(programStateRoot(call), "checkpoints", `${programPlace(call).name}.json`);

const WRITES: Need = { effect: "workspace_write", over: "workspace write" };

const reader = (name: string, pathOf: PathOf, doc: string): Builtin =>
  builtin(name, {
    sig: "(key: any) -> any",
    doc,
    needs: "nothing",
    borrows: true,
    run: (call, args) => keptValue(call, pathOf(call), args.text("key")),
  });

const lister = (name: string, pathOf: PathOf, doc: string): Builtin =>
  builtin(name, { sig: "() -> any", doc, needs: "nothing", run: (call) => keptKeys(call, pathOf(call)) });

const writer = (name: string, pathOf: PathOf, doc: string): Builtin =>
  suspending(name, {
    sig: "(key: any, value: any) -> any",
    doc,
    needs: WRITES,
    borrows: true,
    run: (call, args) =>
      changeKept(call, pathOf(call), { kind: "set", key: args.text("key"), value: keptText(args.raw("value")) }),
    finish: finishKept,
  });

const remover = (name: string, pathOf: PathOf, doc: string): Builtin =>
  suspending(name, {
    sig: "(key: any) -> any",
    doc,
    needs: WRITES,
    borrows: true,
    run: (call, args) => changeKept(call, pathOf(call), { kind: "delete", key: args.text("key") }),
    finish: finishKept,
  });

const changer = (name: string, pathOf: PathOf, doc: string, change: Change): Builtin =>
  suspending(name, {
    sig: "() -> any",
    doc,
    needs: WRITES,
    run: (call) => changeKept(call, pathOf(call), change),
    finish: finishKept,
  });

const EXAMPLES: Readonly<Record<string, Example>> = {
  store_get: {
    code: 'store_set("color", "green")\nprintln([store_get("color"), store_get("size")])',
    prints: "[green, nil]",
  },
  store_set: { code: 'store_set("list", [1, 2])\nprintln(store_get("list"))', prints: "[1, 2]" },
  store_cas: {
    code: 'store_clear()\nprintln([store_cas("turn", nil, 1), store_cas("turn", 7, 8), store_cas("turn", 1, 2)])',
    prints: "[true, false, true]",
  },
  store_delete: { code: 'store_set("gone", 1)\nstore_delete("gone")\nprintln(store_get("gone"))', prints: "nil" },
  store_list: { code: 'store_clear()\nstore_set("b", 1)\nstore_set("a", 2)\nprintln(store_list())', prints: "[a, b]" },
  store_save: { code: 'store_set("kept", true)\nstore_save()\nprintln(store_get("kept"))', prints: "true" },
  store_clear: { code: 'store_set("x", 1)\nstore_clear()\nprintln(store_list())', prints: "[]" },
  checkpoint: { code: 'checkpoint("step", {done: 3})\nprintln(checkpoint_get("step"))', prints: "{done: 3}" },
  checkpoint_get: { code: 'println(checkpoint_get("never kept"))', prints: "nil" },
  checkpoint_delete: {
    code: 'checkpoint("old", 1)\ncheckpoint_delete("old")\nprintln(checkpoint_exists("old"))',
    prints: "false",
  },
  checkpoint_list: {
    code: 'checkpoint_clear()\ncheckpoint("b", 1)\ncheckpoint("a", 2)\nprintln(checkpoint_list())',
    prints: "[a, b]",
  },
  checkpoint_clear: { code: 'checkpoint("x", 1)\ncheckpoint_clear()\nprintln(checkpoint_list())', prints: "[]" },
};

export const stateFileBuiltins: readonly Builtin[] = withExamples(
  [
    reader("store_get", storePath, "The value under a key of the project's store; nil: none."),
    writer("store_set", storePath, "Stores a value, as far as JSON can hold it. It is on disk when the call returns."),
    suspending("store_cas", {
      sig: "(key: any, old: any, new: any) -> bool",
      doc: "Stores `new` if the key holds `old` (nil: nothing), whatever other processes do; true: it was stored.",
      needs: WRITES,
      borrows: true,
      run: (call, args) =>
        changeKept(call, storePath(call), {
          kind: "swap",
          key: args.text("key"),
          old: keptText(args.raw("old")),
          value: keptText(args.raw("new")),
        }),
      finish: finishKept,
    }),
    remover("store_delete", storePath, "Removes a key of the store."),
    lister("store_list", storePath, "The keys of the store, in order."),
    changer("store_save", storePath, "Writes the store.", { kind: "save" }),
    changer("store_clear", storePath, "Empties the store.", { kind: "clear" }),
    writer("checkpoint", checkpointPath, "Keeps a value under a name for the next run of this program."),
    reader("checkpoint_get", checkpointPath, "What was kept under a name; nil: nothing."),
    builtin("checkpoint_exists", {
      sig: "(key: any) -> any",
      doc: "Was something kept under this name, nil included?",
      needs: "nothing",
      borrows: true,
      examples: [{ code: 'checkpoint("nothing", nil)\nprintln(checkpoint_exists("nothing"))', prints: "true" }],
      run: (call, args) => hasKept(call, checkpointPath(call), args.text("key")),
    }),
    remover("checkpoint_delete", checkpointPath, "Forgets what was kept under a name."),
    lister("checkpoint_list", checkpointPath, "The names under which something is kept, in order."),
    changer("checkpoint_clear", checkpointPath, "Forgets all that was kept.", { kind: "clear" }),
  ],
  EXAMPLES,
);
