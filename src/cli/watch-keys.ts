/** The keys of commands that watch: Enter runs again, `q` and Ctrl-C end. Only on a terminal; it is left as it was. */
export interface WatchKeys {
  readonly onAgain: () => void;
  /** `interrupted`: by Ctrl-C. */
  readonly onEnd: (interrupted: boolean) => void;
}

/** Answers what gives the terminal back. */
export function listenForKeys({ onAgain, onEnd }: WatchKeys): () => void {
  const { stdin } = process;
  const onSignal = () => onEnd(true);
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const onKey = (data: Buffer) => {
    for (const key of data.toString("utf8")) {
      if (key === "\r" || key === "\n") onAgain();
      else if (key === "q") onEnd(false);
      else if (key === "\u0003") onEnd(true);
    }
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on("data", onKey).resume();
  }
  return () => {
    process.removeListener("SIGINT", onSignal).removeListener("SIGTERM", onSignal);
    if (!stdin.isTTY) return;
    stdin.removeListener("data", onKey).pause();
    stdin.setRawMode(false);
  };
}
