import { describe, expect, it } from "vitest";
import type { Builtin } from "./declaration.ts";
import { BuiltinTable, builtin, method } from "./declaration.ts";
import { lateByKind, lateTable } from "./late-table.ts";

const one = (name: string) => builtin(name, { sig: "() -> nil", doc: "Nothing.", needs: "nothing", run: () => null });
const print = one("print");
const whole: readonly Builtin[] = [
  print,
  one("read"),
  method("list", "len", { sig: "() -> int", doc: "Items.", needs: "nothing", run: () => 0 }),
];

function tables() {
  let loads = 0;
  const full = new BuiltinTable([whole, [one("host")]]);
  const late = lateTable({ builtins: " print read ", receivers: " list " }, [print, full.builtins.get("host")!], () => {
    loads++;
    return full;
  });
  return { full, late, loads: () => loads };
}

describe("a table that is loaded late", () => {
  it("knows all names, and what is ready, without loading", () => {
    const { full, late, loads } = tables();
    expect([...late.builtins.keys()]).toEqual([...full.builtins.keys()]);
    expect([late.builtins.has("read"), late.builtins.has("write"), late.methods.has("list")]).toEqual([
      true,
      false,
      true,
    ]);
    expect([late.builtins.get("print"), late.builtins.get("write"), late.methods.get("dict")]).toEqual([
      print,
      undefined,
      undefined,
    ]);
    expect([late.builtins.has("rea"), late.builtins.has("print read"), late.builtins.has("")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(late.builtins.get("host")?.name).toBe("host");
    expect(loads()).toBe(0);
  });

  it("loads once, whatever is asked first", () => {
    const asks = [
      ({ late }: ReturnType<typeof tables>) => late.builtins.get("read")?.name,
      ({ late }: ReturnType<typeof tables>) => [...late.builtins.values()][1]?.name,
      ({ late }: ReturnType<typeof tables>) => [...late.builtins][1]?.[1].name,
      ({ late }: ReturnType<typeof tables>) => {
        const names: string[] = [];
        late.builtins.forEach((entry) => void names.push(entry.name));
        return names[1];
      },
    ];
    for (const ask of asks) {
      const made = tables();
      expect(ask(made)).toBe("read");
      expect(made.late.methods.get("list")?.get("len")?.name).toBe("len");
      expect([...made.late.builtins]).toEqual([...made.full.builtins]);
      expect(made.loads()).toBe(1);
    }
  });

  it("holds machines by kind", () => {
    const all = new Map(["a", "b"].map((kind) => [kind, { kind }]));
    const late = lateByKind(" b a ", [all.get("a")!], () => all);
    expect([late.get("a"), late.get("b"), late.get("c")]).toEqual([{ kind: "a" }, { kind: "b" }, undefined]);
    expect([late.size, ...late.keys()]).toEqual([2, "b", "a"]);
  });
});
