/** A Docker engine that answers. */
export interface Engine {
  /** The environment variables that `docker` and `kind` need to reach it, in addition to those of this process. */
  readonly env: Record<string, string>;
  /** The path or name of the Docker client. */
  readonly docker: string;
  /** Whether this project has set it up. */
  readonly isSetUp: boolean;
  /** Keeps an engine that was set up here after the last process that uses it, while a folder exists. */
  keepWhile(folder: string): Promise<void>;
  /** Stops an engine that was set up here, with everything in it, unless it is kept or other processes still use it. */
  close(): Promise<void>;
}
