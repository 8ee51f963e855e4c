/** `harn disasm`: the bytecode of a program, and with `all` that of the modules that it imports. */

import path from "node:path";
import { renderDiagnostic } from "../../base/diagnostic.ts";
import { BuiltinTable } from "../../builtin/declaration.ts";
import { disassemble } from "../../bytecode/disassemble.ts";
import { createNodePorts } from "../../hosts/node/ports.ts";
import { allBuiltins } from "../../runtime/language.ts";
import { loadProgram, ProgramFailure } from "../../runtime/program.ts";
import { stdlibGlobals } from "../../stdlib/index.ts";
import { standardScreen } from "../display/view.ts";
import { EXIT } from "../exit-codes.ts";

export async function disassembleFile(file: string, all: boolean): Promise<number> {
  const { files } = createNodePorts();
  const entry = path.resolve(file);
  const table = new BuiltinTable([allBuiltins()]);
  try {
    const program = await loadProgram(
      { entry, name: file },
      { files, table, globals: new Set(["argv", ...stdlibGlobals.keys()]) },
    );
    const wanted = all ? program.chunks : program.chunks.filter(({ module }) => module === entry);
    process.stdout.write(wanted.map(disassemble).join("\n"));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    const { color } = standardScreen();
    for (const { path: shown, text, diagnostic } of error.problems) {
      process.stderr.write(`${renderDiagnostic(diagnostic, { path: shown, text, color })}\n`);
    }
    return EXIT.failed;
  }
}
