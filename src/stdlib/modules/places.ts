/** `std/path` and `std/worktree`: paths and git worktrees. */
export const pathModule = `
/** The extension without its dot. */
pub fn ext(path) {
  return extname(path).substring(1)
}

/** The last segment up to its first dot. */
pub fn stem(path) {
  return basename(path).split(".").first()
}

/** With slashes for backslashes. */
pub fn normalize(path) {
  return path_to_posix(path)
}

/** Does the path start at the root? */
pub fn is_absolute(path) {
  return path_is_absolute(path)
}

/** How a path lies to the workspace: what \`path_workspace_info\` says. */
pub fn workspace_info(path, workspace_root = nil) {
  return path_workspace_info(path, workspace_root ?? "")
}

/** The path relative to the workspace, or nil when it lies outside. */
pub fn workspace_normalize(path, workspace_root = nil) {
  return path_workspace_normalize(path, workspace_root ?? "")
}

/** The names of the files in a folder. */
pub fn list_files(dir) {
  return list_dir(dir).filter({ name -> stat(path_join(dir, name)).is_file })
}

/** The names of the folders in a folder. */
pub fn list_dirs(dir) {
  return list_dir(dir).filter({ name -> stat(path_join(dir, name)).is_dir })
}
`;

export const worktreeModule = `
/** Where a worktree of that name is kept. */
pub fn worktree_default_path(repo, name) {
  return path_join(repo, ".harn/worktrees", name)
}

/** A worktree on a branch of this name, from base_ref: {repo, name, path, base_ref, result, success}. */
pub fn worktree_create(repo, name, base_ref, path) {
  let target = if path == nil || path == "" { worktree_default_path(repo, name) } else { path }
  mkdir(dirname(target))
  let result = exec_at(repo, "git", "worktree", "add", "-B", name, target, base_ref)
  return {
    repo: repo,
    name: name,
    path: target,
    base_ref: base_ref,
    result: result,
    success: result.success
  }
}

/** Removes a worktree; with \`force\` also one with changes. */
pub fn worktree_remove(repo, path, force) {
  let options = if force == true { ["--force"] } else { [] }
  return exec_at(repo, "git", "worktree", "remove", ...options, path)
}

/** What \`git status --short --branch\` says in a worktree. */
pub fn worktree_status(path) {
  return exec_at(path, "git", "status", "--short", "--branch")
}

/** What is not committed, in short; or all that is new since a base. */
pub fn worktree_diff(path, base_ref) {
  if base_ref == nil || base_ref == "" {
    return exec_at(path, "git", "diff", "--stat")
  }
  return exec_at(path, "git", "diff", base_ref + "...HEAD")
}

/** Runs a shell text in a worktree. */
pub fn worktree_shell(path, script) {
  return shell_at(path, script)
}
`;
