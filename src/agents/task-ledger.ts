/**
 * The task ledger of an agent loop (option `task_ledger`): what is to be delivered and how far it is. The model keeps it with a tool of the loop's own, sees
 * it with every turn, and does not end while something in it is open or blocked.
 *
 * Invariant: plain data, part of the loop's state.
 */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { runtimeError } from "../builtin/raise.ts";
import type { ToolSchema } from "../llm/contract.ts";
import { valueToJson } from "../value/json.ts";
import { typeName } from "../value/type-name.ts";
import type { HDict } from "../value/value.ts";

const STATUSES = ["open", "done", "blocked", "dropped"] as const;
type Status = (typeof STATUSES)[number];

interface Deliverable extends JsonObject {
  readonly id: string;
  readonly text: string;
  readonly status: Status;
  /** Why it is blocked or dropped; else a remark, or null. */
  readonly note: string | null;
}

export interface TaskLedger extends JsonObject {
  readonly root_task: string;
  readonly rationale: string;
  readonly deliverables: readonly Deliverable[];
  readonly observations: readonly string[];
}

export const LEDGER = "ledger";
/** Observations that the model sees again. */
const SHOWN = 5;

export const LEDGER_SCHEMA: ToolSchema = {
  kind: "function",
  name: LEDGER,
  description:
    "Keeps the list of what is to be delivered. `add` (text, id?) puts something on it, `mark` (id, status, note?) says how far it is, `rationale` (text) why the plan is as it is, `note` (text) what was found out, `seed_plan` (deliverables) begins an empty list.",
  parameters: {
    type: "object",
    properties: {
      action: { type: "string", enum: ["add", "mark", "rationale", "note", "seed_plan"] },
      id: { type: "string" },
      text: { type: "string" },
      status: { type: "string", enum: [...STATUSES] },
      note: { type: "string", description: "Needed for blocked and dropped: why." },
      deliverables: { type: "array", items: { type: "string" } },
    },
    required: ["action"],
    additionalProperties: false,
  },
};

/** The option `task_ledger`; null: it is not given. Raises for anything but a ledger. */
export function readLedger(options: HDict): TaskLedger | null {
  const value = options.get("task_ledger") ?? null;
  if (value === null) return null;
  const given = valueToJson(value);
  if (!isJsonObject(given)) throw runtimeError(`option \`task_ledger\`: expected a dict, got ${typeName(value)}`);
  const listed = (key: string): readonly Json[] => {
    const list = given[key] ?? [];
    if (!Array.isArray(list)) throw runtimeError(`option \`task_ledger\`: ${key} must be a list`);
    return list as readonly Json[];
  };
  const deliverables: Deliverable[] = [];
  for (const item of listed("deliverables")) deliverables.push(readDeliverable(item, deliverables));
  return {
    root_task: textOf(given.root_task),
    rationale: textOf(given.rationale),
    deliverables,
    observations: listed("observations").map(textOf),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value.trim() : "");

function readDeliverable(item: Json, before: readonly Deliverable[]): Deliverable {
  const given = isJsonObject(item) ? item : { text: item };
  const status = textOf(given.status) || "open";
  const text = textOf(given.text);
  if (text === "" || !isStatus(status))
    throw runtimeError(
      `option \`task_ledger\`: deliverables[${before.length}] needs a text, and one of the statuses ${STATUSES.join(", ")}`,
    );
  const id = textOf(given.id) || nextId(before);
  if (before.some((one) => one.id === id))
    throw runtimeError(`option \`task_ledger\`: there are two deliverables ${id}`);
  return { id, text, status, note: textOf(given.note) || null };
}

function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

function nextId(before: readonly Deliverable[]): string {
  let number = before.length + 1;
  while (before.some(({ id }) => id === `deliverable-${number}`)) number++;
  return `deliverable-${number}`;
}

export type LedgerAnswer =
  | { readonly kind: "changed"; readonly ledger: TaskLedger; readonly text: string }
  | { readonly kind: "refused"; readonly message: string };

/** A call of the tool. */
export function changeLedger(ledger: TaskLedger, args: Json): LedgerAnswer {
  const given = isJsonObject(args) ? args : {};
  const text = textOf(given.text);
  const needed = (what: string): LedgerAnswer => ({ kind: "refused", message: `${LEDGER}: ${what}` });
  const changed = (next: Partial<TaskLedger>, said: string): LedgerAnswer => ({
    kind: "changed",
    ledger: { ...ledger, ...next } as TaskLedger,
    text: said,
  });
  const { deliverables } = ledger;
  switch (given.action) {
    case "add":
    case "add_deliverable": {
      const id = textOf(given.id) || nextId(deliverables);
      if (text === "") return needed("add needs a text");
      if (deliverables.some((one) => one.id === id)) return needed(`there is a deliverable ${id} already; mark it`);
      const added: Deliverable = { id, text, status: "open", note: null };
      return changed({ deliverables: [...deliverables, added] }, `${id} is on the list`);
    }
    case "mark":
    case "mark_deliverable":
      return marked(ledger, given, changed, needed);
    case "rationale":
      return changed({ rationale: text }, "noted");
    case "note":
      return text === ""
        ? needed("note needs a text")
        : changed({ observations: [...ledger.observations, text] }, "noted");
    case "seed_plan": {
      const list = Array.isArray(given.deliverables) ? given.deliverables.map((one) => textOf(one as Json)) : [];
      if (list.length === 0 || list.includes("")) return needed("seed_plan needs deliverables, a list of texts");
      if (deliverables.length > 0) return needed("there are deliverables already; add to them");
      const seeded = list.map(
        (one, i): Deliverable => ({ id: `deliverable-${i + 1}`, text: one, status: "open", note: null }),
      );
      return changed({ deliverables: seeded }, `${seeded.length} deliverables are on the list`);
    }
    default:
      return needed("action must be add, mark, rationale, note or seed_plan");
  }
}

function marked(
  { deliverables }: TaskLedger,
  given: JsonObject,
  changed: (next: Partial<TaskLedger>, said: string) => LedgerAnswer,
  needed: (what: string) => LedgerAnswer,
): LedgerAnswer {
  const [id, status, note] = [textOf(given.id), textOf(given.status), textOf(given.note)];
  if (!deliverables.some((one) => one.id === id))
    return needed(
      `there is no deliverable ${id === "" ? "without an id" : id}: ${deliverables.map((one) => one.id).join(", ")}`,
    );
  if (!isStatus(status)) return needed(`status must be ${STATUSES.join(", ")}`);
  if ((status === "blocked" || status === "dropped") && note === "")
    return needed(`${status} needs a note that says why`);
  const next = deliverables.map((one) => (one.id === id ? { ...one, status, note: note === "" ? null : note } : one));
  return changed({ deliverables: next }, `${id} is ${status}`);
}

/** What keeps the loop from ending. */
export function unsettled({ deliverables }: TaskLedger): readonly Deliverable[] {
  return deliverables.filter(({ status }) => status === "open" || status === "blocked");
}

const lineOf = ({ id, status, text, note }: Deliverable): string =>
  `- [${id}] (${status}) ${text}${note === null ? "" : `: ${note}`}`;

/** As the model sees it; "" when nothing is in it. */
export function renderLedger(ledger: TaskLedger): string {
  const { root_task: task, deliverables, rationale, observations } = ledger;
  if (deliverables.length === 0 && rationale === "" && observations.length === 0) return "";
  return [
    "<task_ledger>",
    ...(task === "" ? [] : [`task: ${task}`]),
    ...(deliverables.length === 0 ? [] : ["deliverables:", ...deliverables.map(lineOf)]),
    ...(rationale === "" ? [] : [`rationale: ${rationale}`]),
    ...(observations.length === 0 ? [] : ["observations:", ...observations.slice(-SHOWN).map((one) => `- ${one}`)]),
    "</task_ledger>",
  ].join("\n");
}

export function ledgerComplaint(ledger: TaskLedger): string {
  const open = unsettled(ledger).map(lineOf).join("\n");
  return `You are not finished: the task ledger has deliverables that are not settled.\n${open}\nDo them and mark them done with \`${LEDGER}\`, or mark them dropped and say why.`;
}
