import fc from "fast-check";
import { expect, it } from "vitest";
import { type LineEntry, LineTableWriter } from "./line-table.ts";

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const entry = fc.record({ pc: word, line: word, column: word });
const small = fc.record({
  pc: fc.nat({ max: 9 }),
  line: fc.integer({ min: -2, max: 2 }),
  column: fc.integer({ min: -90, max: 90 }),
});

function pack(entries: readonly LineEntry[]) {
  const writer = new LineTableWriter();
  for (const { pc, line, column } of entries) writer.add(pc, line, column);
  return writer.finish();
}

it("gives back what was put in, whatever it was", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(entry, small), { maxLength: 400 }), (entries) => {
      const table = pack(entries);
      expect(table.length).toBe(entries.length);
      expect([...table]).toEqual(entries);
    }),
  );
});

it("finds the last entry in front of a pc", () => {
  const steps = fc.array(small, { maxLength: 400 });
  fc.assert(
    fc.property(steps, fc.nat({ max: 3_000 }), (found, pc) => {
      let at = 0;
      const entries = found.map((step) => {
        at += step.pc + 1;
        return { pc: at, line: step.line, column: step.column };
      });
      expect(pack(entries).before(pc)).toEqual(entries.findLast((one) => one.pc < pc) ?? null);
    }),
  );
});
