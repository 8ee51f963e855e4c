/** `std/agent_state`: texts by key in the folder of a session. */
export const agentStateModule = `
/** The folder of a session below root; options: session_id, writer_id, conflict_policy (ignore, warn, error). */
pub fn agent_state_init(root, options = nil) {
  return __agent_state_init(root, options)
}

/** The folder of a session that is there already. */
pub fn agent_state_resume(root, session_id, options = nil) {
  return __agent_state_resume(root, session_id, options)
}

/** Writes a text under a key of the session. */
pub fn agent_state_write(handle, key, content) {
  return __agent_state_write(handle, key, content)
}

/** The text under a key, or nil. */
pub fn agent_state_read(handle, key) {
  return __agent_state_read(handle, key)
}

/** The keys of the session, in order. */
pub fn agent_state_list(handle) {
  return __agent_state_list(handle)
}

/** Removes a key of the session. */
pub fn agent_state_delete(handle, key) {
  return __agent_state_delete(handle, key)
}

/** Leaves a summary for whoever goes on. */
pub fn agent_state_handoff(handle, summary) {
  return __agent_state_handoff(handle, summary)
}

/** The key under which the summary stands. */
pub fn agent_state_handoff_key() {
  return "__handoff.json"
}
`;
