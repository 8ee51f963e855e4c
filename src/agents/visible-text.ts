/** What a person sees of an answer: without the marks of the answer protocol, the done mark and tool calls. */
export function visibleText(text: string, sentinel: string): string {
  if (!text.includes("<") && !text.includes(sentinel)) return text.trim();
  const said = [...text.matchAll(/<user_response>([\s\S]*?)<\/user_response>/g)].map(([, body]) => body!.trim());
  // An answer to the user stands for itself; the prose beside it is narration.
  const shown = said.length > 0 ? said.filter((part) => part !== "").join("\n\n") : text;
  return shown
    .replace(/<tool_call>[\s\S]*?<\/tool_call>/g, "")
    .replaceAll(sentinel, "")
    .replace(/<done>[\s\S]*?<\/done>/g, "")
    .replace(/<\/?(?:assistant_prose|user_response)>/g, "")
    .trim();
}

/** Does the model say that it is finished? */
export function saysDone(text: string, sentinel: string): boolean {
  return text.includes(sentinel) || (text.includes("<user_response>") && text.includes("</user_response>"));
}
