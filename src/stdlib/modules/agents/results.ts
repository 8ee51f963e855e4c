/** `std/agents`, results: what a workflow came to, and its conversation as a session that goes on. */
export const resultsText = `
/** Runs a flow on a task: {task, workflow, status, text, act, verification, repair, transcript, run, artifacts, result}. */
pub fn task_run(task, flow, overrides) {
  let graph = workflow_graph(flow ?? {})
  let runtime = workflow_execute(task, graph, overrides?.artifacts ?? [], overrides)
  let stages = runtime.run.stages
  let checks = stages.filter({ stage -> stage.kind == "verify" || stage.node_id == "verify" })
  let work = stages.filter({ stage -> stage.kind != "verify" && stage.node_id != "repair" })
  let repairs = stages.filter({ stage -> stage.node_id == "repair" })
  let last_check = if len(checks) == 0 { nil } else { checks.last() }
  let spoken = stages.filter({ stage -> stage.kind != "verify" && stage.visible_text != nil })
  return {
    task: task,
    workflow: graph?.name ?? "workflow",
    status: if last_check?.status == "failed" { "needs_attention" } else { runtime.status },
    text: if len(spoken) == 0 { nil } else { spoken.last().visible_text },
    result: runtime,
    act: if len(work) == 0 { nil } else { work[0] },
    repair: if len(repairs) == 0 { nil } else { repairs.last() },
    verification: if len(checks) == 0 { nil } else { checks[0] },
    final_verification: last_check,
    transcript: runtime.transcript,
    run: runtime.run,
    artifacts: runtime.artifacts
  }
}

/** Runs a flow on the next task, with the conversation of the last result. */
pub fn workflow_continue(prev, task, flow, overrides) {
  return task_run(task, flow, (overrides ?? {}) + {transcript: prev?.transcript ?? prev})
}

/** What a result says, as text; "" when it says nothing. */
pub fn workflow_result_text(result) {
  let said = if type_of(result) == "string" {
    result
  } else {
    result?.visible_text ?? result?.text ?? result?.result?.text ?? ""
  }
  return if type_of(said) == "string" { said } else { json_stringify(said) }
}

/** The conversation of a result, or one made of the task and what was said. */
pub fn workflow_result_transcript(task, workflow_name, result, metadata) {
  let known = result?.run?.transcript ?? result?.transcript ?? result?.result?.transcript
  if known != nil {
    return known
  }
  var made = transcript((metadata ?? {}) + {workflow: workflow_name})
  if task != nil && task != "" {
    made = add_user(made, [{type: "text", text: task, visibility: "public"}])
  }
  let said = workflow_result_text(result)
  return if said == "" { made } else { add_assistant(made, [{type: "output_text", text: said, visibility: "public"}]) }
}

/** A run record of a result: its own run where there is one, with what it said as an artifact. */
pub fn workflow_result_run(task, workflow_name, result, artifacts, options) {
  let base = if result?._type == "run_record" { result } else { result?.run ?? {} }
  let said = workflow_result_text(result)
  let metadata = (base?.metadata ?? {}) + (options?.metadata ?? {})
  var made = base?.artifacts ?? result?.artifacts ?? artifacts ?? []
  if said != "" && !made.any({ item -> item?.text == said }) {
    made = made.push(
      artifact({
        kind: "summary",
        title: "What was said",
        text: said,
        source: workflow_name,
        freshness: "fresh",
        relevance: 1.0,
        metadata: {visibility: "public"}
      })
    )
  }
  let own = {
    workflow_id: base?.workflow_id ?? workflow_name,
    workflow_name: base?.workflow_name ?? workflow_name,
    task: task,
    status: options?.status ?? base?.status ?? "completed",
    transcript: workflow_result_transcript(task, workflow_name, result, metadata),
    artifacts: made,
    trace_spans: trace_spans(),
    metadata: metadata,
    // Made anew, since what it is made of may have changed.
    observability: nil,
    replay_fixture: nil
  }
  return run_record(base + own)
}

/** The same, saved at options.path or in the run folder: {path, run, status, transcript, artifacts, visible_text}. */
pub fn workflow_result_persist(task, workflow_name, result, artifacts, options) {
  let saved = run_record_save(workflow_result_run(task, workflow_name, result, artifacts, options), options?.path)
  return {
    path: saved.path,
    persisted_path: saved.path,
    run: saved.run,
    status: saved.run.status,
    transcript: saved.run.transcript,
    artifacts: saved.run.artifacts,
    visible_text: workflow_result_text(result)
  }
}

fn __conversation(value) {
  let found = value?.transcript ?? value?.result?.transcript ?? value
  return if found?._type == "transcript" { found } else { transcript() }
}

/** A result, a transcript or a session as a session: its conversation with its counts, and the run that it came from. */
pub fn workflow_session(prev) {
  let talk = __conversation(prev)
  let run = prev?.run ?? prev?.result?.run
  return {
    _type: "workflow_session",
    transcript: talk,
    run: run,
    persisted_path: prev?.persisted_path ?? prev?.path ?? run?.persisted_path,
    status: prev?.status ?? run?.status ?? talk?.state ?? "active",
    workflow: prev?.workflow ?? run?.workflow_name,
    task: prev?.task ?? run?.task,
    summary: transcript_summary(talk),
    transcript_state: talk?.state ?? "active",
    message_count: len(transcript_messages(talk)),
    event_count: len(transcript_events(talk)),
    asset_count: len(transcript_assets(talk)),
    usage: run?.usage ?? prev?.usage
  }
}

/** A session without messages. */
pub fn workflow_session_new(metadata = nil) {
  return workflow_session({status: "active", transcript: transcript(metadata ?? {})})
}

/** The session of a run record, or of the file of one. */
pub fn workflow_session_restore(source) {
  let run = if type_of(source) == "string" { run_record_load(source) } else { source?.run ?? source }
  return workflow_session({
    status: run?.status ?? "restored",
    run: run,
    persisted_path: run?.persisted_path,
    transcript: run?.transcript ?? transcript()
  })
}

/** The session with a copy of its conversation. */
pub fn workflow_session_fork(prev) {
  let session = workflow_session(prev)
  return workflow_session(session + {transcript: transcript_fork(session.transcript)})
}

/** The session, put away. */
pub fn workflow_session_archive(prev) {
  let session = workflow_session(prev)
  return workflow_session(session + {status: "archived", transcript: transcript_archive(session.transcript)})
}

/** The session, taken up again. */
pub fn workflow_session_resume(prev) {
  let session = workflow_session(prev)
  return workflow_session(session + {status: "active", transcript: transcript_resume(session.transcript)})
}

/** The conversation of a result with a model's summary of it; see transcript_summarize. */
pub fn workflow_compact(prev, options) {
  return transcript_summarize(__conversation(prev), options)
}

/** The session with a summary of its conversation. */
pub fn workflow_session_compact(prev, options) {
  let session = workflow_session(prev)
  return workflow_session(session + {transcript: transcript_summarize(session.transcript, options)})
}

/** An empty conversation, or one that knows the summary of the last. */
pub fn workflow_reset(prev, carry_summary) {
  let talk = __conversation(prev)
  if carry_summary && transcript_summary(talk) != nil {
    return transcript_fork(talk, {retain_messages: false, retain_summary: true})
  }
  return transcript()
}

/** The session, begun anew. */
pub fn workflow_session_reset(prev, carry_summary) {
  let session = workflow_session(prev)
  return workflow_session({
    workflow: session.workflow,
    status: "active",
    transcript: workflow_reset(session.transcript, carry_summary)
  })
}

/** Saves the run of a session, at a path or in the run folder. A session without a run stays as it is. */
pub fn workflow_session_persist(prev, path = nil) {
  let session = workflow_session(prev)
  if session.run == nil {
    return session
  }
  let saved = run_record_save(session.run + {transcript: session.transcript}, path)
  return workflow_session(session + {run: saved.run, persisted_path: saved.path})
}

/** What a worker was asked; of a handle, a stage's record or a worker_result artifact. */
pub fn worker_request(worker) {
  return worker?.request ?? worker?.worker?.request ?? worker?.data?.request
}

/** What a worker answered. */
pub fn worker_result(worker) {
  return worker?.result ?? worker?.worker?.result ?? worker?.data?.payload
}

/** Where a worker's work comes from. */
pub fn worker_provenance(worker) {
  return worker?.provenance ?? worker?.worker?.provenance ?? worker?.data?.provenance
}

/** The research questions that a worker was given. */
pub fn worker_research_questions(worker) {
  return worker_request(worker)?.research_questions ?? []
}

/** The action items that a worker was given. */
pub fn worker_action_items(worker) {
  return worker_request(worker)?.action_items ?? []
}

/** The stages that a worker was asked to go through. */
pub fn worker_workflow_stages(worker) {
  return worker_request(worker)?.workflow_stages ?? []
}

/** The checks that a worker was asked to make. */
pub fn worker_verification_steps(worker) {
  return worker_request(worker)?.verification_steps ?? []
}
`;
