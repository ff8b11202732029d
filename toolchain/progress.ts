/** Shows the progress of long operations. */
export interface Progress {
  /** Starts a step that is shown under `title`. */
  step(title: string): Step;
}

/** A step in progress: any number of details, then one `done` or `failed`. */
export interface Step {
  /** The current state; replaces the previous detail. */
  detail(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

/** The minimum interval between printed details of a step, in milliseconds. */
const detailInterval = 5_000;

/** Prints progress as plain lines, `title: text`. */
export function plainProgress(stream: NodeJS.WritableStream): Progress {
  return {
    step(title) {
      let lastDetail = -Infinity;
      const line = (text: string) => void stream.write(`${title}: ${text}\n`);
      return {
        detail(text) {
          if (performance.now() - lastDetail < detailInterval) return;
          lastDetail = performance.now();
          line(text);
        },
        done: line,
        failed: line,
      };
    },
  };
}
