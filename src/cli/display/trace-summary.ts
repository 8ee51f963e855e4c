/** `--trace`: the model calls of a run, one line each, and their sum. */
import type { JsonObject } from "../../base/json.ts";
import type { RunEvent } from "../../runtime/index.ts";
import { countText } from "./cells.ts";

interface TracedCall {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly cost: number;
}

export class TraceSummary {
  private readonly calls: TracedCall[] = [];

  apply(event: RunEvent): void {
    if (event.type !== "llm_usage") return;
    const fields = event as JsonObject;
    const number = (key: string) => (typeof fields[key] === "number" ? fields[key] : 0);
    this.calls.push({
      model: String(fields.model ?? "?"),
      input: number("input_tokens"),
      output: number("output_tokens"),
      cost: number("cost_usd"),
    });
  }

  /** Empty when there were none. */
  render(): string {
    if (this.calls.length === 0) return "";
    const lines = this.calls.map(
      (call, i) => `  #${i + 1}: ${call.model} | ${call.input} in + ${call.output} out tokens`,
    );
    const sum = (pick: (call: TracedCall) => number) => this.calls.reduce((total, call) => total + pick(call), 0);
    const total = sum(({ input, output }) => input + output);
    const cost = sum((call) => call.cost);
    const calls = this.calls.length === 1 ? "1 model call" : `${this.calls.length} model calls`;
    lines.push(`  ${calls}, ${countText(total)} tokens${cost > 0 ? `, $${cost.toFixed(4)}` : ""}`);
    return `\nmodel calls\n${lines.join("\n")}\n`;
  }
}
