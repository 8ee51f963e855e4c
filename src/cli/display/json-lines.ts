/** `--json`: every event as one JSON line on stdout, the program's output among them; `run_ended` is the last. */
import { indexLines, positionAt } from "../../base/text.ts";
import type { RunEvent, RunOutcome } from "../../runtime/index.ts";
import type { RunView, Screen } from "./view.ts";

export class JsonLines implements RunView {
  private readonly screen: Screen;

  constructor(screen: Screen) {
    this.screen = screen;
  }

  event(event: RunEvent): void {
    this.line(event);
  }

  message(line: string): void {
    this.screen.writeError(`${line}\n`);
  }

  end(run: string, outcome: RunOutcome): void {
    const { kind, ...rest } = outcome;
    const shown = "problems" in rest ? { ...rest, problems: rest.problems.map(problemOf) } : rest;
    this.line({ type: "run_ended", run, outcome: kind, ...shown });
  }

  hold(): () => void {
    return () => {};
  }

  close(): void {}

  private line(value: unknown): void {
    this.screen.writeOut(`${JSON.stringify(value)}\n`);
  }
}

function problemOf({ path, text, diagnostic }: Extract<RunOutcome, { kind: "failed" }>["problems"][number]) {
  const { severity, code, message, help, labels } = diagnostic;
  const [primary] = labels;
  const place = primary === undefined ? null : positionAt(indexLines(text), primary.span.start);
  return {
    path,
    line: place?.line ?? null,
    column: place?.column ?? null,
    severity,
    code: code ?? null,
    message,
    help: help ?? null,
  };
}
