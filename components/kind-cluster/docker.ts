import { execFile, type ExecFileException } from "node:child_process";
import { type Problem, throwIfInvalid } from "../../errors";

/** The oldest Docker engine that kind supports: kind gives each node a cgroup namespace of its own. */
const oldest = [20, 10] as const;

/**
 * The memory that a node with the platform needs, in GB: about 1.5 for Kubernetes itself, 1 that the platform's charts
 * request, and the rest for proxies, functions and what pods use beyond their requests.
 */
const memory = 4;

/** What a virtual machine of that size reports at least, in bytes: its kernel takes some of it. */
const reportedMemory = (memory - 0.5) * 2 ** 30;

/** How long Docker may take to answer, in milliseconds. */
const timeout = 20_000;

const expected = `a running Docker engine, version ${oldest.join(".")} or later, with ${memory} GB of memory`;

/**
 * Checks that a Docker engine runs on which kind can create a cluster with the platform. Creates nothing.
 *
 * @param alternative the last line of the message: what a user without Docker can do instead. Default: none
 * @throws UserError that names what was found, what is expected and the fix
 */
export async function requireDocker(alternative?: string): Promise<void> {
  throwIfInvalid("Docker, which kind needs,", await dockerProblems(), alternative);
}

async function dockerProblems(): Promise<Problem[]> {
  const { error, stdout, stderr } = await run("docker", ["info", "--format", "{{json .}}"]);
  if (error) return [unavailable(error, stderr)];
  const { ServerVersion: version, MemTotal: bytes, ServerErrors: errors } = infoOf(stdout);
  // Some clients end with success where no engine answers.
  if (Array.isArray(errors) && errors.length > 0)
    return [unavailable({ message: "" } as ExecFileException, errors.join("\n"))];
  if (typeof version !== "string" || version === "")
    return [
      {
        ...{ key: "docker info", got: "no engine version, as from Podman's docker command", expected },
        fix: "install Docker: https://docs.docker.com/engine/install",
      },
    ];
  return [...versionProblems(version), ...(typeof bytes === "number" ? memoryProblems(bytes) : [])];
}

/** Why `docker info` fails. */
function unavailable(error: ExecFileException, stderr: string): Problem {
  const problem = (got: string, fix: string): Problem => ({ key: "docker info", got, expected, fix });
  const said = stderr.split("\n").find((line) => line.trim() !== "") ?? error.message;
  if (error.code === "ENOENT")
    return problem("no program docker on PATH", "install Docker: https://docs.docker.com/engine/install");
  if (error.killed) return problem(`no answer within ${timeout / 1_000} s`, "restart Docker");
  if (/permission denied/i.test(stderr))
    return problem(
      `permission denied on Docker's socket (${said.trim()})`,
      'add yourself to the group docker and log in again: sudo usermod -aG docker "$USER"',
    );
  if (/cannot connect|is the docker daemon running|connection refused|no such host/i.test(stderr))
    return problem(
      `no running engine (${said.trim()})`,
      "start Docker: sudo systemctl start docker, or Docker Desktop",
    );
  return problem(`an error: ${said.trim()}`, "repair Docker until `docker info` succeeds");
}

function versionProblems(version: string): Problem[] {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (Number.isNaN(major) || major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return [];
  return [
    {
      ...{ key: "Docker's version", got: version, expected: `${oldest.join(".")} or later` },
      fix: "upgrade Docker: https://docs.docker.com/engine/install",
    },
  ];
}

function memoryProblems(bytes: number): Problem[] {
  if (bytes >= reportedMemory) return [];
  return [
    {
      ...{
        key: "Docker's memory",
        got: `${(bytes / 2 ** 30).toFixed(1)} GB`,
        expected: `at least ${memory} GB`,
      },
      fix: "use a larger machine, or give Docker's virtual machine more memory (Docker Desktop: Settings, Resources)",
    },
  ];
}

function infoOf(stdout: string): { ServerVersion?: unknown; MemTotal?: unknown; ServerErrors?: unknown } {
  try {
    return (JSON.parse(stdout) as object | null) ?? {};
  } catch {
    return {};
  }
}

function run(
  program: string,
  args: string[],
): Promise<{ error: ExecFileException | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout }, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
