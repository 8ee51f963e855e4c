/** `basic`: a program and a module, and tests of it. */
export const basicFiles: Readonly<Record<string, string>> = {
  "main.harn": `import "lib/greeting"

/** What \`harn run main.harn\` does. */
pipeline default() {
  let names = if len(argv) > 0 {
    argv
  } else {
    ["world"]
  }
  for name in names {
    println(greeting(name))
  }
}
`,
  "lib/greeting.harn": `/** A line for one person. */
pub fn greeting(name: string) -> string {
  if name == "" {
    return "Hello!"
  }
  return "Hello, \${name}!"
}
`,
  "tests/test_greeting.harn": `import "../lib/greeting"

pipeline test_greets_by_name() {
  assert_eq(greeting("Ada"), "Hello, Ada!")
}

pipeline test_greets_without_a_name() {
  assert_eq(greeting(""), "Hello!")
}
`,
};
