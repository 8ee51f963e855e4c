/** `std/agents`, action graphs: a planner's answer in one form, in batches that can run one after another. */
export const actionGraphText = `
fn __first_text(values) {
  for value in values {
    if type_of(value) == "string" && trim(value) != "" {
      return trim(value)
    }
  }
  return nil
}

fn __as_list(value) {
  if value == nil {
    return []
  }
  return if type_of(value) == "list" { value } else { [value] }
}

fn __unique_texts(values) {
  var found = []
  for value in values {
    let text = __first_text([value])
    if text != nil && !contains(found, text) {
      found = found.push(text)
    }
  }
  return found
}

/** A plan as text is JSON where it can be read as that. */
fn __plan_value(raw) {
  if type_of(raw) != "string" {
    return raw
  }
  let text = trim(raw)
  if text == "" {
    return []
  }
  return if starts_with(text, "{") || starts_with(text, "[") { safe_parse(text) ?? raw } else { raw }
}

fn __with_phase(items, phase) {
  return __as_list(items).map({ item -> if type_of(item) == "dict" { {phase: phase} + item } else { {title: item, phase: phase} } })
}

/** The actions of a plan, wherever planners put them: under one of several names, in batches, or by phase. */
fn __plan_items(plan) {
  if type_of(plan) != "dict" {
    return __as_list(plan)
  }
  for key in ["actions", "plan", "steps", "items", "tasks"] {
    let value = plan[key]
    if type_of(value) == "list" {
      return value
    }
    if type_of(value) == "dict" {
      return __plan_items(value)
    }
  }
  var items = []
  for batch in __as_list(plan?.batches) {
    let phase = batch?.phase ?? batch?.kind ?? batch?.type
    items = items + __with_phase(batch?.actions ?? batch?.items ?? batch?.steps ?? [], phase)
  }
  for phase in __phases() {
    items = items + __with_phase(plan[phase], phase)
  }
  return if len(items) == 0 { [plan] } else { items }
}

fn __phases() {
  return ["research", "execute", "verify"]
}

fn __phase_words() {
  return {
    research: ["research", "discover", "analyze", "analysis", "investigate", "inspect"],
    verify: ["verify", "verification", "test", "check", "evaluate", "evaluator", "qa"],
    execute: ["execute", "act", "implementation", "implement", "apply", "fix", "edit"]
  }
}

fn __tool_words() {
  return {
    read: ["read", "search", "fetch", "query", "list", "inspect", "grep"],
    write: ["edit", "write", "create", "update", "delete", "apply_patch"],
    exec: ["run", "exec", "shell", "test"]
  }
}

fn __word_group(groups, word) {
  for entry in groups {
    if contains(entry.value, word) {
      return entry.key
    }
  }
  return nil
}

fn __action_tools(item) {
  let given = item?.tools ?? item?.tool ?? item?.allowed_tools ?? item?.capabilities
  return __unique_texts(__as_list(given).map({ one -> if type_of(one) == "string" { one } else { one?.name ?? one?.tool ?? one?.id } }))
}

/** read, write or exec when all tools are of one kind; mixed when they are not; generic when one is not known. */
fn __tool_class(tools, phase) {
  if phase == "verify" {
    return "verify"
  }
  if len(tools) == 0 {
    return if phase == "research" { "read" } else { "generic" }
  }
  let kinds = tools.map({ name -> __word_group(__tool_words(), lowercase(name)) })
  if kinds.any({ kind -> kind == nil }) {
    return "generic"
  }
  return if kinds.all({ kind -> kind == kinds[0] }) { kinds[0] } else { "mixed" }
}

fn __action_phase(item, tools, instruction, otherwise) {
  let named = item?.phase ?? item?.kind ?? item?.type ?? item?.category ?? item?.mode ?? otherwise ?? ""
  let explicit = __word_group(__phase_words(), lowercase(trim(to_string(named))))
  if explicit != nil {
    return explicit
  }
  let verb = lowercase(instruction.split(" ")[0])
  let meant = __word_group(__phase_words(), verb)
  if meant == "research" || meant == "verify" {
    return meant
  }
  return if __tool_class(tools, nil) == "read" { "research" } else { "execute" }
}

fn __dependency_names(item) {
  let given = item?.depends_on ?? item?.dependsOn ?? item?.dependencies ?? item?.needs ?? item?.after
  let names = __as_list(given).map({ one ->
    if type_of(one) == "dict" {
      __first_text([one?.id, one?.action_id, one?.title, one?.name, one?.label, one?.task])
    } else if one == nil {
      nil
    } else {
      to_string(one)
    }
  })
  return __unique_texts(names)
}

fn __action(raw, index, otherwise) {
  let item = if type_of(raw) == "dict" { raw } else { {title: to_string(raw)} }
  let title = __first_text([item?.title, item?.name, item?.label, item?.action, item?.task, item?.instruction, item?.summary]) ?? "Action \${index + 1}"
  let instruction = __first_text([
    item?.instruction,
    item?.prompt,
    item?.task,
    item?.action,
    item?.goal,
    item?.description,
    item?.text,
    title
  ])
  let tools = __action_tools(item)
  let phase = __action_phase(item, tools, instruction, otherwise)
  let source = __first_text([item?.id, item?.action_id, item?.name, item?.label])
  return {
    _type: "action_item",
    id: "action-\${index + 1}",
    title: title,
    instruction: instruction,
    phase: phase,
    depends_on: __dependency_names(item),
    tools: tools,
    tool_class: item?.tool_class ?? __tool_class(tools, phase),
    target_paths: __unique_texts(__as_list(item?.target_paths ?? item?.metadata?.target_paths)),
    command: __first_text([item?.command, item?.metadata?.command]),
    metadata: (item?.metadata ?? {}) + filter_nil({source_id: source, source_phase: item?.phase ?? item?.kind ?? item?.type})
  }
}

/** Every name that an action may go by, with its id. */
fn __action_names(actions) {
  var names = {}
  for (index, action) in iter(actions).enumerate() {
    for name in [action.id, "\${index + 1}", action.metadata?.source_id, action.title] {
      let key = lowercase(trim(name ?? ""))
      if key != "" && names[key] == nil {
        names[key] = action.id
      }
    }
  }
  return names
}

/** A planner's answer (JSON text, dict or list) as {_type: "action_graph", task, summary, actions}: ids action-1 and on, dependencies resolved. */
pub fn action_graph(raw, options = nil) {
  let plan = __plan_value(raw)
  var staged = []
  for (index, item) in iter(__plan_items(plan)).enumerate() {
    staged = staged.push(__action(item, index, options?.phase))
  }
  let names = __action_names(staged)
  var actions = []
  for action in staged {
    var needs = __unique_texts(action.depends_on.map({ name -> names[lowercase(trim(name))] }))
    needs = needs.filter({ id -> id != action.id })
    let before = { phase -> actions.filter({ one -> one.phase == phase }).map({ one -> one.id }) }
    if len(needs) == 0 && action.phase == "execute" {
      needs = before("research")
    }
    if len(needs) == 0 && action.phase == "verify" {
      let done = before("execute")
      needs = if len(done) > 0 { done } else { before("research") }
    }
    actions = actions.push(action + {depends_on: needs})
  }
  let own = if type_of(plan) == "dict" { plan } else { {} }
  return {
    _type: "action_graph",
    task: options?.task ?? own?.task ?? own?.goal,
    summary: options?.summary ?? own?.summary ?? own?.rationale,
    actions: actions,
    metadata: {source: own?._type ?? "planner_output"}
  }
}

fn __as_plan(graph, options) {
  return if graph?._type == "action_graph" { graph } else { action_graph(graph, options) }
}

fn __batch_prompt(batch) {
  let tools = __unique_texts(batch.actions.flat_map({ action -> action.tools }))
  let told = { values -> if len(values) == 0 { "none named" } else { join(values, ", ") } }
  var lines = [
    "This is one batch of a larger plan: phase " + batch.phase + ", tools of kind " + batch.tool_class + ".",
    "Tools: " + told(tools),
    "Paths: " + told(batch.target_paths),
    "",
    "Do every action below, and nothing else of the plan; other batches take care of the rest.",
    "Read what you need outside of these paths, but write only inside of them.",
    "When the actions are done, stop.",
    "",
    "Actions:"
  ]
  for action in batch.actions {
    let command = if action?.command == nil { "" } else { " Run exactly: " + action.command }
    lines = lines.push("- [" + action.id + "] " + action.title + ": " + action.instruction + command)
  }
  return join(lines, "\\n")
}

fn __batch(index, phase, tool_class, actions) {
  let ids = actions.map({ action -> action.id })
  let needs = __unique_texts(actions.flat_map({ action -> action.depends_on }))
  let batch = {
    _type: "action_batch",
    id: "batch-\${index + 1}",
    phase: phase,
    tool_class: tool_class,
    actions: actions,
    action_ids: ids,
    action_titles: actions.map({ action -> action.title }),
    depends_on: needs.filter({ id -> !contains(ids, id) }),
    target_paths: __unique_texts(actions.flat_map({ action -> action?.target_paths ?? [] })),
    count: len(actions)
  }
  return batch + {prompt: __batch_prompt(batch)}
}

/** The actions that are not completed, in batches of one phase and kind of tools, each after what it depends on. A cycle is broken at its first action. */
pub fn action_graph_batches(graph, completed = nil) {
  let plan = __as_plan(graph, nil)
  var done = __as_list(completed)
  var waiting = plan.actions.filter({ action -> !contains(done, action.id) })
  var batches = []
  while len(waiting) > 0 {
    let open = waiting.filter({ action -> action.depends_on.all({ id -> contains(done, id) }) })
    let ready = if len(open) == 0 { [waiting[0]] } else { open }
    let phase = ready[0].phase
    let now = ready.filter({ action -> action.phase == phase })
    for kind in __unique_texts(now.map({ action -> action.tool_class })) {
      batches = batches.push(__batch(len(batches), phase, kind, now.filter({ action -> action.tool_class == kind })))
    }
    let ids = now.map({ action -> action.id })
    done = done + ids
    waiting = waiting.filter({ action -> !contains(ids, action.id) })
  }
  return batches
}

/** An action graph as text for people and models. */
pub fn action_graph_render(graph) {
  let plan = __as_plan(graph, nil)
  var lines = ["# Action Graph"]
  if plan?.task != nil {
    lines = lines + ["", "Task: " + plan.task]
  }
  if plan?.summary != nil {
    lines = lines + ["", "Summary: " + plan.summary]
  }
  for phase in __phases() {
    let actions = plan.actions.filter({ action -> action.phase == phase })
    if len(actions) > 0 {
      lines = lines + ["", "## " + uppercase(phase)]
    }
    for action in actions {
      let needs = if len(action.depends_on) == 0 { "" } else { " (depends on: " + join(action.depends_on, ", ") + ")" }
      lines = lines.push("- [" + action.id + "] " + action.title + " [" + action.tool_class + "]" + needs)
    }
  }
  return join(lines, "\\n")
}

fn __told(system, prompt) {
  let own = __first_text([system])
  return if own == nil { prompt } else { own + "\\n\\n" + prompt }
}

fn __output_kinds(template, otherwise) {
  let named = template?.output_contract?.output_kinds ?? []
  return (template?.output_contract ?? {}) + {output_kinds: if len(named) > 0 { named } else { [otherwise] }}
}

fn __seen_kinds(template, otherwise) {
  let named = template?.context_policy?.include_kinds ?? []
  return (template?.context_policy ?? {}) + {include_kinds: if len(named) > 0 { named } else { otherwise }}
}

fn __batch_tools(batch, template) {
  let wanted = __unique_texts(batch.actions.flat_map({ action -> action.tools }))
  if template?.tools == nil || len(wanted) == 0 {
    return template?.tools
  }
  // Who writes a file may look at it.
  return tool_select(template.tools, if contains(wanted, "write") { __unique_texts(["read"] + wanted) } else { wanted })
}

fn __batch_node(batch, template) {
  let checks = batch.phase == "verify"
  var node = template + {
    kind: "stage",
    task_label: uppercase(batch.phase) + " " + batch.id,
    system: __told(template?.system, batch.prompt),
    tools: __batch_tools(batch, template),
    output_contract: __output_kinds(template, if checks { "verification_result" } else { "summary" }),
    context_policy: __seen_kinds(template, if checks { ["summary", "artifact", "verification_result"] } else { ["summary"] })
  }
  if len(batch.target_paths) > 0 {
    node = node + {
      approval_policy: (template?.approval_policy ?? {}) + {write_path_allowlist: batch.target_paths},
      verify: {summary: "The paths of this batch", required_paths: batch.target_paths},
      metadata: (template?.metadata ?? {}) + {workflow_verification_scope: "local_only"}
    }
  }
  return node
}

fn __last_node(phase, template) {
  let checks = phase == "verify" || template?.command != nil || template?.assert_text != nil
  let kind = template?.kind ?? if checks { "verify" } else { "stage" }
  let asked = if checks {
    "Look at the plan and at what was made, and say whether the work that was asked for is done."
  } else {
    "The plan has been carried out. Say briefly whether that satisfies the task, and what is still open."
  }
  var node = template + {
    kind: kind,
    task_label: uppercase(phase),
    system: __told(template?.system, asked),
    output_contract: __output_kinds(template, if phase == "verify" { "verification_result" } else { "summary" }),
    context_policy: __seen_kinds(template, ["plan", "summary", "artifact", "verification_result"])
  }
  if kind == "verify" && template?.verify == nil {
    node = node + {
      verify: filter_nil({
        command: template?.command,
        assert_text: template?.assert_text,
        expect_text: template?.expect_text,
        expect_status: template?.expect_status
      })
    }
  }
  return node
}

fn __phase_template(config, phase) {
  if phase == "research" {
    return config?.research ?? config?.stage ?? {}
  }
  if phase == "verify" {
    return config?.verify_phase ?? config?.execute ?? config?.stage ?? {}
  }
  return config?.execute ?? config?.stage ?? {}
}

/** An action graph as a workflow: its batches one after another, then config.verify and config.evaluate where they are given. */
pub fn action_graph_flow(graph, config = nil) {
  let plan = __as_plan(graph, config)
  var nodes = {}
  var order = []
  for batch in action_graph_batches(plan) {
    let id = replace(batch.id, "-", "_")
    nodes[id] = __batch_node(batch, __phase_template(config, batch.phase))
    order = order.push(id)
  }
  for phase in ["verify", "evaluate"] {
    let template = (config ?? {})[phase] ?? {}
    if len(template.keys()) > 0 {
      nodes["final_" + phase] = __last_node(phase, template)
      order = order.push("final_" + phase)
    }
  }
  var edges = []
  for (index, id) in iter(order).enumerate() {
    if index > 0 {
      edges = edges.push({from: order[index - 1], to: id})
    }
  }
  return workflow_graph({
    name: config?.name ?? plan?.task ?? "action_graph",
    entry: if len(order) == 0 { "" } else { order[0] },
    nodes: nodes,
    edges: edges
  })
}

/** Carries out an action graph: {status, plan, batches, flow, runtime, run, artifacts, transcript, visible_text}. */
pub fn action_graph_run(task, graph, config = nil, overrides = nil) {
  let plan = __as_plan(graph, (config ?? {}) + {task: task})
  let flow = action_graph_flow(plan, config)
  let plan_artifact = artifact({
    kind: "plan",
    title: config?.plan_title ?? "Action graph",
    text: action_graph_render(plan),
    data: plan,
    source: "action_graph",
    freshness: "fresh",
    relevance: 1.0
  })
  let runtime = workflow_execute(task, flow, (overrides?.artifacts ?? []) + [plan_artifact], overrides)
  let spoken = runtime.run.stages.filter({ stage -> stage.visible_text != nil })
  return {
    _type: "action_graph_run",
    task: task,
    status: runtime.status,
    plan: plan,
    batches: action_graph_batches(plan),
    flow: flow,
    runtime: runtime,
    run: runtime.run,
    artifacts: runtime.artifacts,
    transcript: runtime.transcript,
    visible_text: if len(spoken) == 0 { "" } else { spoken.last().visible_text }
  }
}
`;
