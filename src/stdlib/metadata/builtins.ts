/** Builtins on the metadata of folders. */
import type { JsonObject } from "../../base/json.ts";
import type { Call, Outcome, Suspension } from "../../builtin/call.ts";
import { awaitEffect } from "../../builtin/call.ts";
import type { Builtin } from "../../builtin/declaration.ts";
import { builtin, suspending } from "../../builtin/declaration.ts";
import { raiseFailure } from "../../builtin/raise.ts";
import { compareUtf8 } from "../../value/key-order.ts";
import { HDict, HList, share, type Value } from "../../value/value.ts";
import { keepable, keptLock, keptText } from "../kept-dict.ts";
import { METADATA_SAVE } from "./performer.ts";
import { contentHash, shownName, staleFolders, structureHash } from "./staleness.ts";
import {
  folderNames,
  folderPath,
  folders,
  markSaved,
  metadataRoot,
  own,
  resolved,
  setFields,
  unsaved,
} from "./state.ts";

type FieldMap = ReadonlyMap<string, Value>;

const fieldsDict = (fields: FieldMap): HDict => HDict.from([...fields].map(([key, value]) => [key, share(value)]));
const namespacesDict = (all: ReadonlyMap<string, FieldMap>): HDict =>
  HDict.from([...all].map(([name, fields]) => [name, fieldsDict(fields)]));

const namespaceOf = (args: { raw(name: "namespace"): Value; text(name: "namespace"): string }): string | null =>
  args.raw("namespace") === null ? null : args.text("namespace");

function localOf(call: Call, folder: string): ReadonlyMap<string, FieldMap> {
  const namespaces = own(folders(call), folder) ?? {};
  return new Map(Object.entries(namespaces).map(([name, fields]) => [name, new Map(Object.entries(fields))]));
}

/** All or one namespace of a folder. */
function pick(all: ReadonlyMap<string, FieldMap>, namespace: string | null): Value {
  if (namespace === null) return namespacesDict(all);
  const fields = all.get(namespace);
  return fields === undefined ? null : fieldsDict(fields);
}

function save(call: Call): Value | Suspension {
  const { changes, upTo } = unsaved(call);
  if (changes.length === 0) return null;
  const args: JsonObject = {
    root: metadataRoot(call),
    lock: keptLock(call),
    changes: changes.map(({ namespace, folder, fields }) => ({ namespace, folder, fields: keptText(fields) })),
  };
  return awaitEffect({ kind: METADATA_SAVE, version: 1, args, repeat: "safe", place: "any" }, upTo);
}

/** What could not be saved is saved the next time. */
function finishSave(call: Call, outcome: Outcome, upTo: Value): Value {
  if (outcome.kind === "failed") throw raiseFailure(outcome);
  markSaved(call, Number(upTo));
  return null;
}

function status(call: Call, namespace: string | null): HDict {
  const names = folderNames(call);
  const all = folders(call);
  const missing = (hash: string): HList =>
    new HList(
      names
        .filter((folder) => {
          const fields =
            (namespace === null ? undefined : own(all[folder]!, namespace)) ?? own(all[folder]!, "classification");
          return (
            fields !== undefined &&
            !Object.hasOwn(fields, hash) &&
            call.ports.files.existsSync(folderPath(call, folder))
          );
        })
        .map(shownName),
    );
  const namespaces = [...new Set(names.flatMap((folder) => Object.keys(all[folder]!)))].sort(compareUtf8);
  return HDict.of({
    directory_count: names.length,
    namespace_count: namespaces.length,
    namespaces: new HList(namespaces),
    directories: new HList(names.map(shownName)),
    missing_structure_hash: missing("structureHash"),
    missing_content_hash: missing("contentHash"),
    stale: staleFolders(call, shownName),
  });
}

export const metadataBuiltins: readonly Builtin[] = [
  builtin("metadata_get", {
    sig: "(dir: any, namespace?: any) -> dict | nil",
    doc: "The fields of a folder, inherited ones included: of one namespace, or of all together. nil: none.",
    needs: "nothing",
    borrows: true,
    examples: [
      { code: 'metadata_set(".", "facts", {kind: "app"})\nprintln(metadata_get("src", "facts").kind)', prints: "app" },
    ],
    run(call, args) {
      const all = resolved(call, args.text("dir"));
      const namespace = namespaceOf(args);
      if (namespace !== null) return pick(all, namespace);
      const flat = new Map([...all.keys()].sort(compareUtf8).flatMap((name) => [...all.get(name)!]));
      return flat.size === 0 ? null : fieldsDict(flat);
    },
  }),
  builtin("metadata_resolve", {
    sig: "(dir: any, namespace?: any) -> dict | nil",
    doc: "As `metadata_get`, but without a namespace by namespace.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(metadata_resolve("src"))', prints: "nil" }],
    run(call, args) {
      const all = resolved(call, args.text("dir"));
      return all.size === 0 ? null : pick(all, namespaceOf(args));
    },
  }),
  builtin("metadata_entries", {
    sig: "(namespace?: any) -> list",
    doc: "All folders that have fields: {dir, local, resolved}.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'metadata_set("a", "n", {x: 1})\nprintln(metadata_entries("n")[0].local)', prints: "{x: 1}" }],
    run: (call, args) =>
      new HList(
        folderNames(call).map((folder) =>
          HDict.of({
            dir: shownName(folder),
            local: pick(localOf(call, folder), namespaceOf(args)),
            resolved: pick(resolved(call, folder), namespaceOf(args)),
          }),
        ),
      ),
  }),
  builtin("metadata_set", {
    sig: "(dir: any, namespace: any, fields: any) -> nil",
    doc: "Sets fields of a folder in a namespace; `metadata_save` writes them.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'metadata_set("a", "n", {x: 1})\nprintln(metadata_get("a"))', prints: "{x: 1}" }],
    run(call, args) {
      const fields = args.dict("fields");
      const kept = fields === null || fields.size === 0 ? null : keepable(fields);
      if (kept instanceof HDict) setFields(call, args.text("dir"), args.text("namespace"), kept);
      return null;
    },
  }),
  suspending("metadata_save", {
    sig: "() -> nil",
    doc: "Writes the fields that this run has set, on top of what others have saved meanwhile.",
    needs: { effect: "workspace_write", over: "workspace write" },
    examples: [
      {
        code: 'metadata_set("src", "notes", {owner: "ada"})\nmetadata_save()\nprintln(metadata_get("src", "notes"))',
        prints: "{owner: ada}",
      },
    ],
    run: save,
    finish: finishSave,
  }),
  builtin("metadata_stale", {
    sig: "(project?: any) -> dict",
    doc: "Folders that changed since their hashes were stored: {any_stale, tier1 (names, sizes), tier2 (times)}.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(metadata_stale().any_stale)", prints: "false" }],
    run: (call) => staleFolders(call, (folder) => folder),
  }),
  builtin("metadata_refresh_hashes", {
    sig: "(project?: any) -> nil",
    doc: "Computes and sets the structure hash of every folder that has fields.",
    needs: "nothing",
    borrows: true,
    examples: [
      {
        code: 'mkdir("lib")\nmetadata_set("lib", "notes", {owner: "ada"})\nmetadata_refresh_hashes()\nprintln(metadata_get("lib", "notes").owner)',
        prints: "ada",
      },
    ],
    run(call) {
      for (const folder of folderNames(call))
        setFields(call, folder, "classification", HDict.of({ structureHash: structureHash(call, folder) }));
      return null;
    },
  }),
  builtin("metadata_status", {
    sig: "(namespace?: any) -> dict",
    doc: "Counts, folders, namespaces, which hashes are missing and what is stale.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: "println(metadata_status().directory_count)", prints: "0" }],
    run: (call, args) => status(call, namespaceOf(args)),
  }),
  builtin("compute_content_hash", {
    sig: "(dir: any) -> string",
    doc: "A hash of the names, sizes and times in a folder of the project.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'println(len(compute_content_hash(".")) > 0)', prints: "true" }],
    run: (call, args) => contentHash(call, args.text("dir")),
  }),
  builtin("invalidate_facts", {
    sig: "(dir?: any) -> nil",
    doc: "Does nothing: facts are fields of the metadata.",
    needs: "nothing",
    borrows: true,
    examples: [{ code: 'invalidate_facts("src")\nprintln("as before")', prints: "as before" }],
    run: () => null,
  }),
];
