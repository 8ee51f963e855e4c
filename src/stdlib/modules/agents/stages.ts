/** `std/agents`, stages: one model call or agent loop of a workflow, run by the program itself. */
export const stagesText = `
/** The model that a config names (model, model_alias, model_tier or tier), or nil: {id, provider, tier}. */
pub fn workflow_model_spec(config) {
  for key in ["model", "model_alias", "model_tier", "tier"] {
    let target = (config ?? {})[key]
    if target != nil && target != "" {
      return llm_pick_model(target, filter_nil({provider: config?.provider}))
    }
  }
  return nil
}

fn __model_options() {
  return [
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "response_format",
    "schema",
    "thinking",
    "tools",
    "tool_choice",
    "cache",
    "timeout",
    "persistent",
    "max_iterations",
    "max_nudges",
    "nudge",
    "turn_policy",
    "stop_after_successful_tools",
    "require_successful_tools",
    "tool_retries",
    "tool_backoff_ms",
    "tool_format",
    "session_id",
    "policy",
    "approval_policy"
  ]
}

/** The options of a model call or an agent loop that a config holds. */
pub fn workflow_options(config) {
  let spec = workflow_model_spec(config)
  var options = {provider: config?.provider ?? spec?.provider, model: config?.model ?? spec?.id}
  for key in __model_options() {
    options[key] = (config ?? {})[key]
  }
  options["context_callback"] = config?.context_callback ?? config?.context_filter
  return filter_nil(options)
}

/** What holds for one stage: the flow, what the caller overrides, and the stage's own entry, the later the stronger. */
pub fn stage_config(flow, overrides, stage_name) {
  let shared = (flow ?? {}) + (overrides ?? {})
  return filter_nil(shared + (shared[stage_name] ?? {}) + {_stage: stage_name})
}

/** The prompt of a stage: see prompt_compose. */
pub fn stage_prompt(task, config) {
  let limits = filter_nil({
    system: config?.system,
    task_label: config?.task_label,
    separator: config?.context_separator,
    max_chars: config?.context_max_chars,
    section_max_chars: config?.context_section_max_chars
  })
  return prompt_compose(task, config?.context, limits)
}

/** Runs a stage as its mode says: completion, llm, or an agent loop. */
pub fn run_stage(task, config) {
  let composed = stage_prompt(task, config)
  let options = workflow_options(config)
  if config?.mode == "completion" {
    return llm_completion(composed.prompt, config?.suffix, composed?.system, options)
  }
  if config?.mode == "llm" || config?.persistent == false {
    return llm_call(composed.prompt, composed?.system, options)
  }
  return agent_loop(composed.prompt, composed?.system, options + {persistent: config?.persistent ?? true})
}

/** Runs config.command: {kind, ok, output}; nil without one. It must succeed, or end as expect_status and expect_text say. */
pub fn verify_command(config) {
  let command = config?.command ?? ""
  if command == "" {
    return nil
  }
  let output = host_call("process.exec", {command: command})
  let ended = if config?.expect_status == nil { output?.success == true } else { output?.status == config.expect_status }
  let said = config?.expect_text == nil || contains(output?.combined ?? "", config.expect_text)
  return {kind: "command", ok: ended && said, output: output}
}

/** Checks a result by config.command or config.assert_text: {kind, ok, output}; nil when neither is there. */
pub fn verify_result(task, result, config) {
  if config?.command != nil {
    return verify_command(config)
  }
  if config?.assert_text == nil {
    return nil
  }
  let text = result?.text ?? ""
  return {kind: "text", ok: contains(text, config.assert_text), output: text}
}

/** The task of a repair: config.prompt, or the original task with what was found wrong. */
pub fn repair_task(original_task, verification, config) {
  if config?.prompt != nil {
    return config.prompt
  }
  return "An attempt at the task below did not pass its verification. Find out why, put it right, and finish the task.\\n\\nVerification:\\n"
    + json_stringify(verification)
    + "\\n\\nTask:\\n"
    + original_task
}

/** A workflow graph. A context of act, verify or repair becomes part of what that stage is told. */
pub fn workflow(config) {
  var flow = config ?? {}
  for name in ["act", "verify", "repair"] {
    let stage = flow[name]
    if type_of(stage) == "dict" && stage?.context != nil {
      let told = context_render(stage.context, nil)
      let prompt = [stage?.prompt ?? "", told].filter({ text -> text != "" })
      flow = flow + {[name]: stage + {prompt: join(prompt, "\\n\\n")}}
    }
  }
  return workflow_graph(flow)
}
`;
