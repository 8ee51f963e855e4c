/** What the process that watches and the one that tries say to each other: an order as an argument, reports as lines of JSON. */
import type { TargetName } from "./target.ts";

export type ChildOrder =
  | {
      readonly kind: "run";
      readonly target: TargetName;
      readonly seed: number;
      readonly from: number;
      readonly to: number;
      /** For so long, once it has begun. */
      readonly ms: number;
    }
  /** `file` holds the input as a JSON text; null: only what the process holds without any. */
  | { readonly kind: "judge"; readonly target: TargetName; readonly file: string | null };

export type ChildReport =
  | { readonly kind: "ready" }
  | { readonly kind: "begin"; readonly index: number; readonly bytes: number }
  | { readonly kind: "end"; readonly index: number; readonly outcome: string }
  | {
      readonly kind: "crash";
      readonly index: number;
      readonly problem: string;
      readonly at: string;
      readonly input: string;
    }
  | { readonly kind: "shrunk"; readonly index: number; readonly input: string }
  | { readonly kind: "suspect"; readonly index: number; readonly why: "time" | "memory"; readonly amount: number }
  | { readonly kind: "over"; readonly next: number }
  | { readonly kind: "held"; readonly bytes: number }
  | {
      readonly kind: "judged";
      /** Of processor time. */
      readonly ms: number;
      readonly crash: { readonly problem: string; readonly at: string } | null;
    };
