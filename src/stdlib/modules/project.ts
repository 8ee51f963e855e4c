/** `std/project`: what kind of project a folder holds, metadata of its folders, and scans that remember what they found. */
export const projectModule = `
/** The fields of a folder, with those it inherits. */
pub fn metadata_namespace(dir, namespace) {
  return metadata_resolve(dir, namespace) ?? {}
}

/** The fields that the folder itself has. */
pub fn metadata_local_namespace(dir, namespace) {
  let wanted = if dir == "" { "." } else { dir }
  let found = metadata_entries(namespace).find({ entry -> entry.dir == wanted })
  return found?.local ?? {}
}

/** What the metadata of a namespace holds: {entries, status}. */
pub fn project_inventory(namespace) {
  return {entries: metadata_entries(namespace), status: metadata_status(namespace)}
}

/** The name of the project's package, from metadata or from its files; "" when neither knows. */
pub fn project_root_package() -> string {
  for dir in ["", "src"] {
    let name = metadata_get(dir, "enrichment")?.rootPackageName
    if name {
      return name
    }
  }
  let root = project_root() ?? ""
  if root == "" {
    return ""
  }
  return project_scan(root, {tiers: ["ambient", "config"]}).package_name ?? ""
}

/** What the files of a folder say of it. Options: tiers (ambient, config), depth, include_hidden, include_vendor, respect_gitignore. */
pub fn project_scan(path = ".", options = nil) {
  return project_scan_native(path, options ?? {})
}

/** The same of each project in a tree, by relative path. */
pub fn project_scan_tree(path = ".", options = nil) {
  return project_scan_tree_native(path, options ?? {})
}

/** The kinds of projects that a scan knows. */
pub fn project_catalog() {
  return project_catalog_native()
}

/** What a model makes of a folder; see project_enrich_native. */
pub fn project_enrich(path = ".", options = nil) {
  return project_enrich_native(path, options ?? {})
}

/** The relative paths of the projects below a folder. */
pub fn project_scan_paths(path = ".", options = nil) {
  return project_scan_tree(path, options).keys()
}

fn __tiers_of(options) {
  if options?.tiers != nil {
    return options.tiers
  }
  return if options?.enrichment == nil { ["ambient", "config"] } else { ["ambient", "config", "enriched"] }
}

fn __walk_options_of(options) {
  return {
    depth: options?.depth,
    include_hidden: options?.include_hidden ?? false,
    include_vendor: options?.include_vendor ?? false,
    respect_gitignore: options?.respect_gitignore ?? true
  }
}

/** What a record must have been made with to be used again. */
fn __scan_signature(options, tiers, walk) {
  let enrichment = options?.enrichment
  return sha256(json_stringify({
    version: 2,
    tiers: tiers,
    walk: walk,
    prompt: enrichment?.prompt ?? "",
    system: enrichment?.system ?? "",
    schema: enrichment?.schema,
    provider: enrichment?.provider ?? "",
    model: enrichment?.model ?? "",
    temperature: enrichment?.temperature,
    budget_tokens: enrichment?.budget_tokens_per_dir
  }))
}

/** May a record that was kept stand for the folder as it is now? */
fn __still_holds(record, folder, wanted) {
  if record?.version != 1 || record?.config_signature != wanted.signature {
    return false
  }
  if record?.structure_hash != folder.structure_hash || record?.content_hash != folder.content_hash {
    return false
  }
  if wanted.max_age != nil && (record?.refreshed_at == nil || wanted.now - record.refreshed_at > wanted.max_age) {
    return false
  }
  let evidence = record?.evidence ?? {}
  return wanted.tiers.all({ tier -> evidence[tier] != nil })
}

fn __enrichment_prompt(folder, evidence, enrichment) {
  let task = enrichment?.system ?? enrichment?.prompt ?? "Summarize this directory as compact JSON, without markdown."
  let facts = json_stringify(evidence)
  return "\${task}\\n\\nDirectory key: \${folder.dir}\\nDisplay path: \${folder.path}\\nDeterministic evidence:\\n\${facts}\\nRelevant files:\\n"
    + "{{ for file in files }}FILE {{file.path}}\\n{{file.content}}\\n{{ end }}"
}

fn __fresh_evidence(namespace, folder, tiers, enrichment) {
  let plain = tiers.filter({ tier -> tier != "enriched" })
  let scan = if len(plain) == 0 { {} } else { project_scan(folder.dir, {tiers: plain}) }
  var evidence = {}
  if contains(tiers, "ambient") {
    evidence["ambient"] = {
      path: scan?.path,
      languages: scan?.languages ?? [],
      frameworks: scan?.frameworks ?? [],
      build_systems: scan?.build_systems ?? [],
      vcs: scan?.vcs,
      lockfiles: scan?.lockfiles ?? [],
      anchors: scan?.anchors ?? [],
      confidence: scan?.confidence ?? {}
    }
  }
  if contains(tiers, "config") {
    evidence["config"] = {
      package_name: scan?.package_name,
      build_commands: scan?.build_commands ?? [],
      declared_scripts: scan?.declared_scripts ?? {},
      readme_code_fences: scan?.readme_code_fences ?? [],
      dockerfile_commands: scan?.dockerfile_commands ?? [],
      makefile_targets: scan?.makefile_targets ?? []
    }
  }
  if contains(tiers, "enriched") {
    evidence["enriched"] = project_enrich_native(folder.dir, {
      base_evidence: evidence,
      prompt: __enrichment_prompt(folder, evidence, enrichment),
      schema: enrichment?.schema,
      provider: enrichment?.provider,
      model: enrichment?.model,
      temperature: enrichment?.temperature,
      budget_tokens: enrichment?.budget_tokens_per_dir,
      cache_key: "\${namespace}/\${folder.path}"
    })
  }
  return evidence
}

fn __chosen_tiers(evidence, tiers) {
  var chosen = {}
  for tier in ["ambient", "config", "enriched"] {
    if contains(tiers, tier) && evidence[tier] != nil {
      chosen[tier] = evidence[tier]
    }
  }
  return chosen
}

/**
 * Evidence of every folder of a tree, by relative path. What was found before is used again while the folder, the options and the age allow it.
 * Options: namespace, tiers, enrichment, incremental (true), max_staleness_seconds, and those of a scan.
 */
pub fn project_deep_scan(path = ".", options = nil) {
  let namespace = options?.namespace ?? "project-enrichment"
  let tiers = __tiers_of(options)
  let walk = __walk_options_of(options)
  let folders = project_walk_tree_native(path, walk)
  let scope = folders.first()?.dir ?? "."
  let wanted = {
    tiers: tiers,
    signature: __scan_signature(options, tiers, walk),
    max_age: options?.max_staleness_seconds,
    now: date_now().timestamp
  }
  var records = {}
  for entry in metadata_entries(namespace) {
    records[entry.dir] = entry.local?._deep_scan
  }
  var tree = {}
  var hits = 0
  var enriched = 0
  var refreshed = nil
  for folder in folders {
    var record = records[folder.dir]
    if options?.incremental ?? true && __still_holds(record, folder, wanted) {
      hits += 1
    } else {
      record = {
        version: 1,
        dir: folder.dir,
        path: folder.path,
        structure_hash: folder.structure_hash,
        content_hash: folder.content_hash,
        config_signature: wanted.signature,
        refreshed_at: wanted.now,
        evidence: __fresh_evidence(namespace, folder, tiers, options?.enrichment)
      }
      metadata_set(folder.dir, namespace, {_deep_scan: record})
    }
    tree[folder.path] = __chosen_tiers(record.evidence ?? {}, tiers)
    if tree[folder.path]?.enriched != nil {
      enriched += 1
    }
    if refreshed == nil || (record.refreshed_at ?? refreshed) > refreshed {
      refreshed = record.refreshed_at
    }
  }
  metadata_set(scope, namespace, {_deep_scan_status: {
    version: 1,
    scope: scope,
    total_dirs: len(folders),
    enriched_dirs: enriched,
    stale_dirs: 0,
    cache_hits: hits,
    last_refresh: refreshed,
    options: {tiers: tiers, walk: walk, max_staleness_seconds: wanted.max_age, signature: wanted.signature}
  }})
  metadata_save()
  return tree
}

/** How the last deep scan of a folder went; without one, what its metadata shows. */
pub fn project_deep_scan_status(namespace, path = ".") {
  let scope = project_walk_tree_native(path, {depth: 0}).first()?.dir ?? "."
  let kept = metadata_local_namespace(scope, namespace)?._deep_scan_status
  if kept != nil {
    return kept
  }
  let records = metadata_entries(namespace).map({ entry -> entry.local?._deep_scan }).filter({ record -> record != nil })
  return {
    version: 1,
    scope: scope,
    total_dirs: len(records),
    enriched_dirs: len(records.filter({ record -> record?.evidence?.enriched != nil })),
    stale_dirs: 0,
    cache_hits: 0,
    last_refresh: nil
  }
}

/** What of a namespace's metadata is out of date. */
pub fn project_stale(namespace) {
  return metadata_status(namespace).stale
}

/** Folders whose names changed, then those whose times did. */
pub fn project_stale_dirs(namespace) {
  let stale = project_stale(namespace)
  return stale.tier1 + stale.tier2
}

/** Is any metadata of the namespace out of date or without a hash? */
pub fn project_requires_refresh(namespace) {
  let status = metadata_status(namespace)
  return status.stale.any_stale || len(status.missing_structure_hash) > 0 || len(status.missing_content_hash) > 0
}
`;
