/** Shows what takes long while it is being done. */
export interface Progress {
  /** Begins a piece of work that a person would recognise by `title`. */
  step(title: string): Step;
}

/** A piece of work under way: any number of details, then one `done` or `failed`. */
export interface Step {
  /** How far it is: replaces the detail before. */
  detail(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

/** How often a step may print a detail where lines cannot be replaced, in milliseconds. */
const detailInterval = 5_000;

/** Progress as plain lines, `title: text`: for logs, and for where standard error is no terminal. */
export function plainProgress(stream: NodeJS.WritableStream): Progress {
  return {
    step(title) {
      let detailed = -Infinity;
      const line = (text: string) => void stream.write(`${title}: ${text}\n`);
      return {
        detail(text) {
          if (performance.now() - detailed < detailInterval) return;
          detailed = performance.now();
          line(text);
        },
        done: line,
        failed: line,
      };
    },
  };
}
