/** A Docker engine that answers. */
export interface Engine {
  /** The environment variables that `docker` and `kind` need to reach it, in addition to those of this process. */
  readonly env: Record<string, string>;
  /** The path or name of the Docker client. */
  readonly docker: string;
  /** Stops an engine that was set up here, with everything in it, unless other processes still use it. */
  close(): Promise<void>;
}
