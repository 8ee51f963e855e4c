/** Effects on files. Whole-file effects are done again without a look; append and rename look first. Paths are resolved against `cwd`. */
import { Failure } from "../../../base/failure.ts";
import type { Json, JsonObject } from "../../../base/json.ts";
import { isJsonObject } from "../../../base/json.ts";
import { createTurns } from "../../../base/turns.ts";
import type { PerformContext, Performer, Repeat } from "../../../ports/effects.ts";
import { FileFailure } from "../../../ports/files.ts";
import { EffectArguments } from "./arguments.ts";

type Perform = (args: EffectArguments, context: PerformContext) => Promise<Json>;

export function createFileEffects(): readonly Performer[] {
  // So that each append sees where the one before it ended.
  const appendInTurn = createTurns();
  return [
    fileEffect("file.write", "safe", async (args, { ports }) => {
      const file = args.path("path");
      await ports.files.writeText(file, args.text("text"), { mode: args.optionalInteger("mode") });
      return null;
    }),
    fileEffect("file.append", "checkable", (args, context) => {
      const file = args.path("path");
      return appendInTurn(file, () => append(file, args, context));
    }),
    fileEffect("file.mkdir", "safe", async (args, { ports }) => {
      await ports.files.mkdir(args.path("path"));
      return null;
    }),
    fileEffect("file.delete", "checkable", async (args, { ports, again }) => {
      try {
        await ports.files.remove(args.path("path"));
      } catch (error) {
        if (!(again && error instanceof FileFailure && error.code === "ENOENT")) throw error;
      }
      return null;
    }),
    fileEffect("file.copy", "safe", async (args, { ports }) => {
      await ports.files.copy(args.path("from"), args.path("to"));
      return null;
    }),
    fileEffect("file.rename", "checkable", async (args, { ports, again }) => {
      const [from, to] = [args.path("from"), args.path("to")];
      const done = again && !(await ports.files.exists(from)) && (await ports.files.exists(to));
      if (!done) await ports.files.rename(from, to);
      return null;
    }),
  ];
}

function fileEffect(kind: string, repeat: Repeat, perform: Perform): Performer {
  return {
    kind,
    version: 1,
    repeat,
    place: "any",
    perform: (args: JsonObject, context) => perform(new EffectArguments(kind, args), context),
  };
}

/**
 * `offset` in the arguments is where the file ended when the effect was made. When someone else has appended since, the real place is noted first, so
 * that after a crash we know where to look: there stands our text, a beginning of it, or something else.
 */
async function append(
  file: string,
  args: EffectArguments,
  { ports, again, note, note_ }: PerformContext,
): Promise<Json> {
  const text = args.text("text");
  const bytes = new TextEncoder().encode(text);
  const stat = await ports.files.stat(file);
  const size = stat?.kind === "file" ? stat.size : 0;

  if (again && size > 0) {
    const planned =
      isJsonObject(note) && typeof note.offset === "number" ? note.offset : args.optionalInteger("offset");
    if (planned === undefined)
      throw new Failure(
        `file.append: cannot tell whether ${file} already has the text, no offset was kept`,
        "effect_unknown",
      );
    const found = locate(await ports.files.readBytes(file), bytes, planned);
    if (found.have === bytes.length) return { offset: found.at, bytes: bytes.length };
    if (found.have > 0) {
      await ports.files.append(file, text, { offset: found.at });
      return { offset: found.at, bytes: bytes.length };
    }
  }
  if (args.optionalInteger("offset") !== size || again) await note_({ offset: size });
  await ports.files.append(file, text);
  return { offset: size, bytes: bytes.length };
}

/** Where `text` stands in `content` from `planned` on, or how much of its beginning the content ends with there. */
function locate(
  content: Uint8Array,
  text: Uint8Array,
  planned: number,
): { readonly at: number; readonly have: number } {
  const whole = Buffer.from(content).indexOf(text, planned);
  if (whole >= 0) return { at: whole, have: text.length };
  // A torn write is a beginning of the text that ends where the file ends.
  for (let at = Math.max(planned, content.length - text.length + 1); at < content.length; at++) {
    const tail = content.subarray(at);
    if (Buffer.compare(tail, text.subarray(0, tail.length)) === 0) return { at, have: tail.length };
  }
  return { at: content.length, have: 0 };
}
