/** For tests of builtins that complete at once: calls one by name over memory ports, and shows what it gives. */
import type { Call } from "../builtin/call.ts";
import type { Cell } from "../builtin/cells.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { rootScope } from "../builtin/scope.ts";
import type { Ports } from "../ports/ports.ts";
import { displayValue } from "../value/display.ts";
import type { Value } from "../value/value.ts";
import { HBuiltin } from "../value/value.ts";

/** A call whose cells are its own; `written` collects what it prints. */
export function testingCall(ports: Partial<Ports> = {}): Call & { readonly written: string[] } {
  const cells = new Map<string, unknown>();
  const written: string[] = [];
  const cell = <T>(declared: Cell<T>): T => {
    if (!cells.has(declared.name)) cells.set(declared.name, declared.initial());
    return cells.get(declared.name) as T;
  };
  return {
    scope: rootScope({ cwd: "/project" }),
    ports: ports as Ports,
    written,
    write: (text) => {
      written.push(text);
    },
    emit: () => {},
    spend: () => {},
    hold: () => {},
    read: cell,
    change: cell,
    site: () => ({ file: "test.harn", line: 1 }),
  };
}

export function callBuiltin(
  list: readonly Builtin[],
  name: string,
  args: readonly Value[],
  call = testingCall(),
): Value {
  const builtin = list.find((entry) => entry.name === name);
  if (builtin === undefined) throw new Error(`no builtin ${name}`);
  return builtin.run(call, args, false) as Value;
}

/** What it gives, as `println` would show it. */
export function runBuiltin(list: readonly Builtin[], name: string, ...args: readonly Value[]): string {
  return displayValue(callBuiltin(list, name, args));
}

/** Any value that can be called. */
export const someCallable: Value = new HBuiltin("len");
