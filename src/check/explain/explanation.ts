/** What a page of `harn explain` consists of. */
import type { DiagnosticCode } from "../../base/diagnostic-code.ts";

export interface Explanation {
  /** One line, without a closing full stop. */
  readonly title: string;
  /** What it means, why it matters, what to do: a few sentences. */
  readonly doc: string;
  /** A whole program that gives the code, and the same with the mistake mended, which gives nothing at all. Both end with a line break. */
  readonly wrong: string;
  readonly right: string;
  /** Texts of the modules that both import, by the path that their `import` names. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** The pages of one area; a missing or unknown code does not compile. */
export type Explanations<Code extends DiagnosticCode> = Readonly<Record<Code, Explanation>>;
