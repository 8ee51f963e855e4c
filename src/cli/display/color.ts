/** Whether text on the standard streams may have colours. */
import { isTerminal } from "../../hosts/node/is-terminal.ts";

export function errorColor(): boolean {
  return colorWanted(isTerminal(2));
}

export function outputColor(): boolean {
  return colorWanted(isTerminal(1));
}

/** NO_COLOR counts when it is not empty; FORCE_COLOR overrules the terminal. */
function colorWanted(isTty: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTty && TERM !== "dumb";
}
