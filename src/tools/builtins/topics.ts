/**
 * The library by topic: which lists of declarations form a page of `docs/stdlib/`. A test sees to it that no declaration is left out and none
 * stands twice.
 */
import { agentTraceBuiltins } from "../../agents/agent-trace.ts";
import { agentValueBuiltins } from "../../agents/agent-values.ts";
import { capabilityBuiltins } from "../../agents/capability-builtins.ts";
import { catalogBuiltins } from "../../agents/catalog-builtins.ts";
import { compactionBuiltins } from "../../agents/compaction-builtins.ts";
import { completionBuiltins } from "../../agents/completion.ts";
import { daemonBuiltins } from "../../agents/daemon-builtins.ts";
import { hookBuiltins } from "../../agents/hooks.ts";
import { llmBuiltins } from "../../agents/llm-builtins.ts";
import { mcpCardBuiltins } from "../../agents/mcp-cards.ts";
import { mcpClientBuiltins } from "../../agents/mcp-client-builtins.ts";
import { mcpServerBuiltins } from "../../agents/mcp-server-builtins.ts";
import { messageListBuiltins } from "../../agents/message-lists.ts";
import { mockBuiltins } from "../../agents/mock-cell.ts";
import { modelStreamBuiltins } from "../../agents/model-stream.ts";
import { projectEnrichBuiltins } from "../../agents/project-enrich.ts";
import { rateLimitBuiltins } from "../../agents/rate-limits.ts";
import { sessionBuiltins } from "../../agents/session-builtins.ts";
import { skillBuiltins } from "../../agents/skill-registry.ts";
import { spendingBuiltins } from "../../agents/spending.ts";
import { toolBuiltins } from "../../agents/tool-registry.ts";
import { toolTextBuiltins } from "../../agents/tool-text.ts";
import { transcriptBuiltins } from "../../agents/transcript-builtins.ts";
import { watchBuiltins } from "../../agents/watching.ts";
import type { Builtin } from "../../builtin/declaration.ts";
import { artifactBuiltins } from "../../orchestration/artifact-builtins.ts";
import { runBuiltins } from "../../orchestration/run-builtins.ts";
import { workerBuiltins } from "../../orchestration/worker-builtins.ts";
import { workflowBuiltins } from "../../orchestration/workflow-builtins.ts";
import { workflowEditBuiltins } from "../../orchestration/workflow-edits.ts";
import { agentStateBuiltins } from "../../stdlib/agent-state/builtins.ts";
import { assertionBuiltins } from "../../stdlib/assertions.ts";
import { calendarBuiltins } from "../../stdlib/calendar.ts";
import { circuitBuiltins } from "../../stdlib/circuits.ts";
import { concurrencyBuiltins } from "../../stdlib/concurrency.ts";
import { conversionBuiltins } from "../../stdlib/conversion.ts";
import { dictBuiltins, dictMethods } from "../../stdlib/dict-methods.ts";
import { digestBuiltins } from "../../stdlib/digests.ts";
import { environmentBuiltins } from "../../stdlib/environment.ts";
import { errorBuiltins } from "../../stdlib/error-categories.ts";
import { exitBuiltins } from "../../stdlib/exit.ts";
import { fileLineBuiltins } from "../../stdlib/file-lines.ts";
import { fileBuiltins } from "../../stdlib/files.ts";
import { gitBuiltins } from "../../stdlib/git.ts";
import { hostBuiltins } from "../../stdlib/host-calls.ts";
import { httpMockBuiltins } from "../../stdlib/http/mocks.ts";
import { httpBuiltins } from "../../stdlib/http/requests.ts";
import { identifierCaseBuiltins } from "../../stdlib/identifier-case.ts";
import { iteratorBuiltins, iteratorMethods, rangeMethods } from "../../stdlib/iterators.ts";
import { jsonBuiltins } from "../../stdlib/json.ts";
import { listCallbackMethods, listPrimitives } from "../../stdlib/list-callbacks.ts";
import { listMethods } from "../../stdlib/list-methods.ts";
import { loggingBuiltins } from "../../stdlib/logging.ts";
import { markupBuiltins } from "../../stdlib/markup.ts";
import { mathBuiltins } from "../../stdlib/math.ts";
import { metadataBuiltins } from "../../stdlib/metadata/builtins.ts";
import { outputBuiltins } from "../../stdlib/output.ts";
import { pathBuiltins } from "../../stdlib/paths.ts";
import { processBuiltins } from "../../stdlib/processes.ts";
import { projectBuiltins } from "../../stdlib/project/builtins.ts";
import { promptBuiltins } from "../../stdlib/prompt.ts";
import { regexBuiltins } from "../../stdlib/regex.ts";
import { resultBuiltins } from "../../stdlib/results.ts";
import { schemaBuiltins } from "../../stdlib/schema/builtins.ts";
import { setBuiltins, setMethods } from "../../stdlib/sets.ts";
import { stateFileBuiltins } from "../../stdlib/state-files.ts";
import { stringMethods } from "../../stdlib/string-methods.ts";
import { templateBuiltins } from "../../stdlib/template/builtins.ts";
import { textBuiltins } from "../../stdlib/text.ts";
import { tracingBuiltins } from "../../stdlib/tracing.ts";

export interface Topic {
  /** Also the name of its page. */
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly builtins: readonly Builtin[];
}

function topic(id: string, title: string, about: string, ...lists: readonly (readonly Builtin[])[]): Topic {
  // Names that begin with `__` are for the library's own modules.
  return { id, title, about, builtins: lists.flat().filter(({ name }) => !name.startsWith("__")) };
}

export const TOPICS: readonly Topic[] = [
  topic(
    "output",
    "Output",
    "What a program prints, in colour where it is wanted, and what it asks.",
    outputBuiltins,
    promptBuiltins,
  ),
  topic(
    "conversion",
    "Values and conversion",
    "What kind a value is, and one kind made of another.",
    conversionBuiltins,
  ),
  topic("strings", "Strings", "Texts: methods, and builtins that work on a text.", stringMethods, textBuiltins),
  topic("identifiers", "Spelling of names", "Between snake_case, camelCase and their kin.", identifierCaseBuiltins),
  topic(
    "lists",
    "Lists",
    "A method answers a new list; the receiver stays as it is.",
    listMethods,
    listCallbackMethods,
    listPrimitives,
  ),
  topic("dicts", "Dicts", "Keys are texts, and come in the order of their names.", dictMethods, dictBuiltins),
  topic("sets", "Sets", "Each value once.", setBuiltins, setMethods),
  topic(
    "iterators",
    "Iterators and ranges",
    "Values one by one, computed when they are asked for.",
    iteratorBuiltins,
    iteratorMethods,
    rangeMethods,
  ),
  topic("math", "Math", "Numbers. The constants `pi` and `e` are there, too.", mathBuiltins),
  topic(
    "results",
    "Results and errors",
    "`Ok` and `Err`, and the categories of errors.",
    resultBuiltins,
    errorBuiltins,
  ),
  topic(
    "testing",
    "Assertions",
    "What a test demands; `harn test` shows both values where they differ.",
    assertionBuiltins,
  ),
  topic("json", "JSON, YAML and TOML", "Text to values and back.", jsonBuiltins),
  topic("markup", "Parts of model answers", "Code blocks, JSON and tags found in a text.", markupBuiltins),
  topic("schema", "Schemas", "What shape a value must have.", schemaBuiltins),
  topic(
    "templates",
    "Templates",
    "Texts with places to fill in; includes are looked up beside the file that includes.",
    templateBuiltins,
  ),
  topic(
    "regex",
    "Regular expressions",
    "The dialect is RE2's: matching takes linear time, so there are no back references.",
    regexBuiltins,
  ),
  topic("time", "Dates and time", "Moments are seconds since 1970, or dicts with their parts.", calendarBuiltins),
  topic("digests", "Digests and encodings", "Hashes, base64 and hex.", digestBuiltins),
  topic("paths", "Paths", "Paths as texts; nothing is looked up.", pathBuiltins),
  topic("files", "Files", "Relative paths start at the run's working folder.", fileBuiltins, fileLineBuiltins),
  topic(
    "environment",
    "Environment",
    "The machine, the user, the variables, and the program's places.",
    environmentBuiltins,
  ),
  topic(
    "processes",
    "Processes",
    "Other programs. When a run is cancelled, the whole process group ends.",
    processBuiltins,
    exitBuiltins,
  ),
  topic("http", "HTTP", "Requests, and mocks that answer them in tests.", httpBuiltins, httpMockBuiltins),
  topic(
    "state",
    "Store and checkpoints",
    "Values that outlive the run, in files of the project's state folder.",
    stateFileBuiltins,
  ),
  topic(
    "metadata",
    "Metadata of folders",
    "Facts about folders, with the time and the hashes they hold for.",
    metadataBuiltins,
  ),
  topic(
    "projects",
    "Projects",
    "What a folder contains: languages, frameworks, build tools, files.",
    projectBuiltins,
    projectEnrichBuiltins,
  ),
  topic("git", "Git", "The working tree of a folder.", gitBuiltins),
  topic("hosts", "Host calls", "What an embedding program can be asked, and its mock in tests.", hostBuiltins),
  topic("logging", "Logging", "Lines with a level and fields.", loggingBuiltins),
  topic("tracing", "Tracing and timers", "Spans, timers and counters of a run.", tracingBuiltins),
  topic("circuits", "Circuit breakers", "Calls that keep failing are not tried for a while.", circuitBuiltins),
  topic(
    "concurrency",
    "Tasks, channels and atomics",
    "What runs at once, and how it speaks with each other.",
    concurrencyBuiltins,
  ),
  topic(
    "models",
    "Model calls",
    "One call of a language model, its cost and its limits.",
    llmBuiltins,
    completionBuiltins,
    modelStreamBuiltins,
    messageListBuiltins,
    spendingBuiltins,
    rateLimitBuiltins,
  ),
  topic(
    "catalog",
    "Providers and models",
    "Which providers and models are known, and what they can do.",
    catalogBuiltins,
    capabilityBuiltins,
  ),
  topic("mocks", "Mocked models", "Answers for tests, in place of a provider's.", mockBuiltins),
  topic("tools", "Tools", "What a model may call.", toolBuiltins, toolTextBuiltins, hookBuiltins),
  topic("skills", "Skills", "Instructions that an agent takes up when they fit.", skillBuiltins),
  topic(
    "sessions",
    "Sessions",
    "Conversations that several loops share, and who watches them.",
    sessionBuiltins,
    watchBuiltins,
  ),
  topic("transcripts", "Transcripts", "Conversations as values.", transcriptBuiltins, compactionBuiltins),
  topic(
    "agents",
    "Agents and their state",
    "Agents as values, and folders for what they keep.",
    agentValueBuiltins,
    agentTraceBuiltins,
    agentStateBuiltins,
  ),
  topic("daemons", "Daemons", "Agents that stay, and wait for something to do.", daemonBuiltins),
  topic(
    "mcp",
    "Model Context Protocol",
    "Servers of tools, resources and prompts: used, and offered.",
    mcpClientBuiltins,
    mcpCardBuiltins,
    mcpServerBuiltins,
  ),
  topic("workers", "Workers", "Delegated work: its life, its result, and what passes between.", workerBuiltins),
  topic("artifacts", "Artifacts", "What work hands on, with what it was made from.", artifactBuiltins),
  topic(
    "workflows",
    "Workflows",
    "Graphs of stages, and the engine that runs them.",
    workflowBuiltins,
    workflowEditBuiltins,
  ),
  topic("runs", "Run records and evaluation", "What workflows did, kept, compared and judged.", runBuiltins),
];
