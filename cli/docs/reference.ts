import { rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Application, ProjectReflection } from "typedoc";
import { UserError } from "../../errors";
import { projectRoot } from "../../paths";

/** The entry points of the package, whose public members are documented. */
const entryPoints = ["index", "digitalocean", "google", "kind"].map((name) =>
  join(projectRoot, "package", `${name}.ts`),
);

/** What a doc comment is required of. */
const documented = [
  ...["Class", "Interface", "Function", "Variable", "TypeAlias", "Enum"],
  ...["Property", "Method", "Accessor", "Constructor"],
] as const;

async function application(folder: string): Promise<Application> {
  const { Application, LogLevel } = await import("typedoc");
  return await Application.bootstrapWithPlugins({
    entryPoints,
    // Without this TypeDoc would write to, and clean, its default folder: docs.
    outputs: [{ name: "markdown", path: folder }],
    cleanOutputDir: false,
    tsconfig: join(projectRoot, "tsconfig.json"),
    plugin: ["typedoc-plugin-markdown"],
    name: "faasmesh",
    readme: "none",
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    skipErrorChecking: true,
    logLevel: LogLevel.Error,
    requiredToBeDocumented: [...documented],
    validation: { notExported: false, invalidLink: true, rewrittenLink: false, notDocumented: true },
  });
}

/** What TypeDoc's validation reports: members without a doc comment, links that lead nowhere. */
async function problemsOf(app: Application, project: ProjectReflection): Promise<string[]> {
  const { LogLevel } = await import("typedoc");
  const problems: string[] = [];
  app.logger.level = LogLevel.Warn;
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) problems.push(stripVTControlCharacters(message));
  };
  app.validate(project);
  return problems;
}

/**
 * Writes the reference of the package's API, as Markdown, from its doc comments.
 *
 * @param folder is replaced
 * @throws UserError where a public member has no doc comment
 */
export async function writeReference(folder: string): Promise<void> {
  const app = await application(folder);
  const project = await app.convert();
  if (!project) throw new Error("the package's entry points cannot be read");
  const problems = await problemsOf(app, project);
  if (problems.length > 0)
    throw new UserError(`The public API has undocumented members or wrong links:\n${problems.join("\n")}`);
  rmSync(folder, { recursive: true, force: true });
  await app.generateOutputs(project);
}
