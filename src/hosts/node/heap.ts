/** The heap port over V8. */
import v8 from "node:v8";
import vm from "node:vm";
import type { HeapPort } from "../../ports/heap.ts";

export function createHeapPort(): HeapPort {
  let collector: (() => void) | null = null;
  return {
    used: () => v8.getHeapStatistics().used_heap_size + v8.getHeapStatistics().external_memory,
    get limit() {
      return v8.getHeapStatistics().heap_size_limit;
    },
    collect() {
      if (collector === null) {
        v8.setFlagsFromString("--expose-gc");
        collector = vm.runInNewContext("gc") as () => void;
      }
      collector();
    },
  };
}
