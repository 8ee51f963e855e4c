/**
 * In which order a graph's stages come: what leads to what, which of those that are ready have to wait for others, and whose artifacts a stage sees.
 *
 * Invariants
 * 1. A stage waits for all that is under way and may still lead to it, and for nothing else; what leads back to an earlier stage (a loop) does not count.
 * 2. A stage sees what was made on the ways to it, and never what another branch makes beside it: what comes out does not depend on which was faster.
 */
import type { HDict } from "../value/value.ts";
import { type Edge, edgesOf, nodesOf } from "./workflow-graph.ts";

/** Where a stage stands in the run: how many came before it, one leading to the other; and how many when the last loop began again. */
export interface Standing {
  readonly depth: number;
  readonly since: number;
}

export const FIRST: Standing = { depth: 0, since: 0 };

/** What a finished stage is to the one that may look at its artifacts. */
export interface Earlier {
  readonly node: string;
  readonly depth: number;
}

export class WorkflowOrder {
  readonly edges: readonly Edge[];
  private readonly leaving: Leaving;
  private readonly back: ReadonlySet<Edge>;
  private readonly forward = new Map<string, ReadonlySet<string>>();
  private readonly anyway = new Map<string, ReadonlySet<string>>();

  constructor(graph: HDict) {
    this.edges = edgesOf(graph);
    this.leaving = Map.groupBy(this.edges, ({ from }) => from);
    this.back = backEdges([String(graph.get("entry")), ...nodesOf(graph).keys()], this.leaving);
  }

  /** A node that is under way, or ready, may still lead to another one. */
  leadsTo(from: string, to: string): boolean {
    return from === to || this.reached(this.forward, from, true).has(to);
  }

  /** Where a stage stands that another one led to. */
  after(edge: Edge, { depth, since }: Standing, known: Standing | undefined): Standing {
    const next = depth + 1;
    const begun = this.back.has(edge) ? next : since;
    return { depth: Math.max(next, known?.depth ?? 0), since: Math.max(begun, known?.since ?? 0) };
  }

  sees(node: string, { since }: Standing, earlier: Earlier): boolean {
    if (this.leadsTo(earlier.node, node)) return true;
    return earlier.depth < since && this.reached(this.anyway, earlier.node, false).has(node);
  }

  /** Among those of one depth: the order of the edges that lead to them. */
  rank(node: string): number {
    return this.edges.findIndex(({ to }) => to === node);
  }

  private reached(known: Map<string, ReadonlySet<string>>, from: string, forward: boolean): ReadonlySet<string> {
    let found = known.get(from);
    if (found === undefined) {
      found = this.reachedFrom(from, forward);
      known.set(from, found);
    }
    return found;
  }

  private reachedFrom(from: string, forward: boolean): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const edge of this.leaving.get(node) ?? []) {
        if (found.has(edge.to) || (forward && this.back.has(edge))) continue;
        found.add(edge.to);
        open.push(edge.to);
      }
    }
    return found;
  }
}

type Leaving = ReadonlyMap<string, readonly Edge[]>;

/** Edges that lead back to a node on the way from which they come. */
function backEdges(roots: readonly string[], leaving: Leaving): ReadonlySet<Edge> {
  const back = new Set<Edge>();
  const done = new Set<string>();
  const onWay = new Set<string>();
  for (const root of roots) {
    if (done.has(root)) continue;
    const way: { readonly node: string; next: number }[] = [];
    const enter = (node: string): void => {
      way.push({ node, next: 0 });
      done.add(node);
      onWay.add(node);
    };
    enter(root);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const edge = leaving.get(top.node)?.[top.next++];
      if (edge === undefined) {
        way.pop();
        onWay.delete(top.node);
      } else if (onWay.has(edge.to)) back.add(edge);
      else if (!done.has(edge.to)) enter(edge.to);
    }
  }
  return back;
}
