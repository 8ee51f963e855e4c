/** `std/async` and `std/checkpoint`: trying again, and not doing twice what is done. */
export const asyncModule = `
/** Asks until the answer is true: Ok(answer), or Err("timeout") after so many milliseconds. */
pub fn wait_for(timeout_ms, interval_ms, predicate) {
  let pause = if interval_ms > 0 { interval_ms } else { 100 }
  let end = timestamp() * 1000 + timeout_ms
  while timestamp() * 1000 < end {
    let value = predicate()
    if value {
      return Ok(value)
    }
    sleep(min(pause, max(0, ceil(end - timestamp() * 1000))))
  }
  let value = predicate()
  return if value { Ok(value) } else { Err("timeout") }
}

/** Asks so many times: Ok(answer) of the first true one, or Err("exhausted"). */
pub fn retry_until(max_attempts, predicate) {
  for _attempt in 0 to max_attempts exclusive {
    let value = predicate()
    if value {
      return Ok(value)
    }
  }
  return Err("exhausted")
}

/** The same, with pauses in between that double each time. */
pub fn retry_with_backoff(max_attempts, base_ms, predicate) {
  for attempt in 0 to max_attempts exclusive {
    let value = predicate()
    if value {
      return Ok(value)
    }
    if attempt < max_attempts - 1 {
      sleep(base_ms * pow(2, attempt))
    }
  }
  return Err("exhausted")
}

/** Calls unless the circuit is open (then Err("circuit_open")), and tells the breaker how it went. */
pub fn circuit_call(name, closure) {
  if circuit_check(name) == "open" {
    return Err("circuit_open")
  }
  let result = try { closure() }
  if is_ok(result) {
    circuit_record_success(name)
  } else {
    circuit_record_failure(name)
  }
  return result
}
`;

export const checkpointModule = `
/** The value stored under a name, or what the function gives, which is then stored. */
pub fn checkpoint_stage(name, f) {
  if checkpoint_exists(name) {
    return checkpoint_get(name)
  }
  let value = f()
  checkpoint(name, value)
  return value
}

/** The same with so many attempts; throws when all of them fail. */
pub fn checkpoint_stage_retry(name, max_retries, f) {
  if checkpoint_exists(name) {
    return checkpoint_get(name)
  }
  var problem = "unknown error"
  for _attempt in 0 to max_retries exclusive {
    let result = try { f() }
    if is_ok(result) {
      checkpoint(name, unwrap(result))
      return unwrap(result)
    }
    problem = to_string(unwrap_err(result))
  }
  throw "checkpoint_stage_retry failed after " + to_string(max_retries) + " attempts: " + problem
}
`;
