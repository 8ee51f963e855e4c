import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runtime/index.ts";
import { countText, cutTo, durationText, oneLine, renderTable } from "./cells.ts";
import { EventLines } from "./event-lines.ts";
import { LiveTree, renderTree } from "./live-tree.ts";
import type { Screen } from "./view.ts";
import { WorkerBoard } from "./worker-board.ts";

const worker = (id: string, status = "running", more: object = {}): RunEvent =>
  ({
    type: "worker",
    event: "WorkerSpawned",
    worker: {
      id,
      name: id.toUpperCase(),
      task: `do ${id}`,
      mode: "sub_agent",
      status,
      metadata: { parent_worker_id: null, ...more },
    },
  }) as unknown as RunEvent;
const event = (type: string, id: string, more: object = {}) =>
  ({ type, worker_id: id, ...more }) as unknown as RunEvent;
const options = { columns: 80, rows: 20, color: false, nowMs: 5_000, frame: 0 };

function recordingScreen(tty = true): Screen & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    writeOut: (text) => written.push(text),
    writeError: (text) => written.push(text),
    outIsTty: tty,
    errorIsTty: tty,
    columns: () => 80,
    rows: () => 24,
    color: false,
  };
}

describe("cells", () => {
  it("cut and pad by columns of the terminal, not by characters", () => {
    expect(cutTo("漢字漢字", 5)).toBe("漢字…");
    expect(cutTo("abc", 3)).toBe("abc");
    expect(
      renderTable(
        ["A", "B"],
        [
          ["漢", "x"],
          ["abc", "y"],
        ],
      ),
    ).toBe("A    B\n漢   x\nabc  y\n");
  });

  it("let nothing through that a terminal would obey", () => {
    expect(oneLine("a\u001b[2J\nb\tc\u0007")).toBe("a [2J b c");
  });

  it("tell durations and counts in a few characters", () => {
    expect([0, 999, 4_250, 60_000, 187_000, 7_500_000].map(durationText)).toEqual([
      "0 ms",
      "999 ms",
      "4.2 s",
      "1m00s",
      "3m07s",
      "2h05m",
    ]);
    expect([950, 12_345, 4_100_000].map(countText)).toEqual(["950", "12.3k", "4.1M"]);
  });
});

describe("the board", () => {
  it("puts children under their parents and follows tools, tokens and approvals", () => {
    const board = new WorkerBoard();
    board.apply(worker("a", "running", { started_at: "1970-01-01T00:00:01Z" }), 1_000);
    board.apply(worker("b"), 2_000);
    board.apply(worker("c", "running", { parent_worker_id: "a" }), 2_000);
    board.apply(event("tool_call", "c", { tool_name: "read_file", status: "pending" }), 2_000);
    board.apply(
      event("llm_usage", "a", { session_id: "s", total_input_tokens: 1_000, total_output_tokens: 200 }),
      2_000,
    );
    board.apply(
      event("llm_usage", "a", { session_id: "s", total_input_tokens: 2_000, total_output_tokens: 400 }),
      2_000,
    );
    board.apply(event("effect_progress", "a", { kind: "usage", usage: { inputTokens: 100, outputTokens: 7 } }), 2_000);
    board.apply(event("approval_requested", "b", { tool_name: "write_file" }), 2_000);
    expect(renderTree(board, options)).toEqual([
      "workers: 0 of 3 done",
      "  ⠋ A    running       4.0 s   2.5k tok",
      "  ⠋   C  running       3.0 s             read_file …",
      "  ⠋ B    running       3.0 s             waits for approval: write_file",
    ]);
    board.apply(worker("c", "failed", { parent_worker_id: "a", finished_at: "1970-01-01T00:00:03Z" }), 9_000);
    expect(renderTree(board, options)[2]).toBe("  ✗   C  failed        1.0 s             read_file");
  });

  it("tells the same when it hears everything twice", () => {
    const events = [
      worker("a", "running", { started_at: "1970-01-01T00:00:01Z" }),
      event("llm_usage", "a", { session_id: "s", total_input_tokens: 10, total_output_tokens: 5 }),
      worker("a", "completed", { started_at: "1970-01-01T00:00:01Z", finished_at: "1970-01-01T00:00:02Z" }),
    ];
    const once = new WorkerBoard();
    const twice = new WorkerBoard();
    for (const each of events) once.apply(each, 0);
    for (const each of [...events, ...events]) twice.apply(each, 0);
    expect(twice.tree()).toEqual(once.tree());
  });

  it("keeps the running ones when there is not room for all", () => {
    const board = new WorkerBoard();
    for (let i = 0; i < 30; i++) board.apply(worker(`w${i}`, i % 10 === 0 ? "running" : "completed"), 1_000);
    const rows = renderTree(board, { ...options, rows: 6, columns: 30 });
    expect(rows).toHaveLength(6);
    expect(rows.filter((row) => row.includes("running"))).toHaveLength(3);
    expect(rows.at(-1)).toBe("  … and 26 more");
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(30);
  });
});

describe("views", () => {
  it("in a pipe each thing is one line, with the reason of a refusal", () => {
    const screen = recordingScreen(false);
    const view = new EventLines(screen, new WorkerBoard());
    view.event(worker("a"));
    view.event({ type: "output", text: "out\n" });
    view.event(event("tool_call", "a", { tool_name: "write_file", status: "pending" }));
    view.event(
      event("tool_call_update", "a", {
        tool_name: "write_file",
        status: "failed",
        rejected: true,
        error: '{"reason": "not\\nyours"}',
      }),
    );
    view.event(event("agent_message_chunk", "a", { content: "I think" }));
    view.event({ type: "warning", message: "careful" });
    expect(screen.written).toEqual([
      "[A] started: do a\n",
      "out\n",
      "[A] write_file\n",
      "[A] write_file refused: not yours\n",
      "warning: careful\n",
    ]);
  });

  it("an unfinished line of output goes on where it was when the tree is painted in between", () => {
    const screen = recordingScreen();
    const view = new LiveTree(screen, new WorkerBoard());
    view.event({ type: "output", text: "50 %" });
    view.event(worker("a"));
    view.event({ type: "output", text: " … done\n" });
    view.close();
    const text = screen.written.join("");
    // One line up from the tree, then to the column where it stopped.
    expect(text).toContain("\u001b[1A\u001b[4C … done\n");
    expect(text.endsWith("\u001b[?25h")).toBe(true);
  });

  it("while someone has the terminal nothing is shown, and nothing is lost", () => {
    const screen = recordingScreen();
    const view = new LiveTree(screen, new WorkerBoard());
    view.event(worker("a"));
    const release = view.hold();
    const before = screen.written.length;
    view.event({ type: "output", text: "later\n" });
    view.event(worker("b"));
    expect(screen.written).toHaveLength(before);
    release();
    view.close();
    const after = screen.written.slice(before).join("");
    expect(after).toContain("later\n");
    expect(after).toContain("workers: 0 of 2 done");
  });
});
