// Waits until a workshop VM is ready, as whoever sits there would see it: over HTTPS, by its own address. Run as
// `node - <url>` with this as standard input; it fails where the VM says that it failed, or at the deadline.
// Environment: READY_WITHIN, in seconds; READY_TRUST, `any` for a certificate that the VM signed itself.
const { get } = require("node:https");

const [, , url] = process.argv;
const { READY_WITHIN = "1200", READY_TRUST = "known", READY_PAUSE = "5" } = process.env;
const deadline = Date.now() + Number(READY_WITHIN) * 1000;
let last = "nothing answered";

/** A body where the answer is 200. */
function ask(path) {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: READY_TRUST !== "any", timeout: 10_000, agent: false };
    const request = get(new URL(path, url), options, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part) => (body += part));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answered with HTTP ${answer.statusCode}`));
      });
      answer.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", reject);
  });
}

async function isReady() {
  const status = JSON.parse(await ask("/-/status.json"));
  last = `it is at step ${status.step} of ${status.steps}, ${status.title}`;
  if (status.state === "failed") {
    console.error(
      `The VM of seat ${status.seat} failed in step ${status.step}, ${status.title}: ${status.detail}`,
    );
    process.exit(1);
  }
  if (status.state !== "ready") return false;
  last = "its set-up is done, and VS Code does not answer";
  await ask("/healthz");
  return true;
}

async function main() {
  for (;;) {
    try {
      if (await isReady()) return;
    } catch (error) {
      // Without a status yet the reason is in the connection; later the last step says more.
      if (last.startsWith("nothing")) last = `nothing answered (${error.code ?? error.message})`;
    }
    if (Date.now() >= deadline) {
      console.error(
        `The VM was not ready within ${READY_WITHIN} s: ${last}. See /var/log/faasmesh.log on it.`,
      );
      process.exit(1);
    }
    await new Promise((resolve) => setTimeout(resolve, Number(READY_PAUSE) * 1000));
  }
}

void main();
