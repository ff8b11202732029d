import { html, type Html, page, qrCode } from "./html";
import type { Seat, WorkshopOutputs } from "./outputs";

type Workshop = WorkshopOutputs["workshop"];

const firstCommands = `# Your cluster:
kubectl get nodes
# A first function, and a call of it:
faas-cli store deploy figlet
echo hello | faas-cli invoke figlet
# What is deployed:
faas-cli list`;

/** The page of one seat: everything that a participant needs to start, on one sheet of paper. */
export function seatPage(name: string, seat: Seat, workshop: Workshop, style: string): string {
  const { url, user, password, gatewayUrl, fingerprint } = seat;
  return page(
    `${name}: your workshop VM`,
    style,
    html`<h1>${name}</h1>
      <p class="muted">Your workshop VM, until ${expiryText(workshop)}</p>
      <section class="access">
        <dl>
          <dt>VS Code in the browser</dt>
          <dd><a href="${url}">${url}</a></dd>
          <dt>Password</dt>
          <dd class="password">${password}</dd>
          <dt>User in the terminal</dt>
          <dd>${user}</dd>
        </dl>
        ${qrCode(url)}
      </section>
      ${fingerprint === "" ? { html: "" } : warning(fingerprint)}
      <h2>First commands</h2>
      <p>In VS Code: Menu → Terminal → New Terminal. Then:</p>
      <pre>${firstCommands}</pre>
      <h2>OpenFaaS in the browser</h2>
      <p>
        <a href="${gatewayUrl}ui/">${gatewayUrl}ui/</a> — user <code>admin</code>, and the password that
        <code>cat ~/openfaas-password.txt</code> shows.
      </p>
      <h2>If it does not open</h2>
      <p>
        For the first five minutes the VM is being set up, and this address shows its progress. If the page
        shows an error, report it to your instructor: seat <code>${name}</code>.
      </p>`,
  );
}

const warning = (fingerprint: string): Html =>
  html`<h2>The browser warns about the certificate</h2>
    <p>
      The certificate is self-signed. Continue only if its SHA-256 fingerprint is the one below. Panes of VS
      Code such as previews may remain empty.
    </p>
    <pre>${fingerprint}</pre>`;

/** The instructor's page: a list of all seats. */
export function rosterPage({ workshop, seats, cost }: WorkshopOutputs, style: string): string {
  const rows = Object.entries(seats).map(
    ([name, { url, password }]) =>
      html`<tr>
        <td><a href="seats/${name}.html">${name}</a></td>
        <td><a href="${url}">${url}</a></td>
        <td><code>${password}</code></td>
        <td></td>
      </tr>`,
  );
  const [first] = Object.values(seats);
  return page(
    `${workshop.name}: roster`,
    style,
    html`<h1>${workshop.name}</h1>
      <p class="muted">
        ${rows.length} seats, ${workshop.size} in ${workshop.region}, until ${expiryText(workshop)}.
        ${costLine(cost)}
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Seat</th>
              <th>VS Code</th>
              <th>Password</th>
              <th>Participant</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
      <h2>For the instructor only</h2>
      <p>
        This page and the folder <code>admin</code> contain every password and key: keep them private. Hand
        out the pages in <code>seats</code>, one to each participant.
      </p>
      <p>To log in to a VM as root, from the folder <code>admin</code>:</p>
      <pre>${first?.sshCommand ?? ""}</pre>
      <p>To use its cluster: <code>kubectl --kubeconfig NAME.kubeconfig get pods -A</code></p>
      <p>Afterwards: <code>pulumi destroy</code>, and delete this folder.</p>`,
  );
}

function costLine(cost: WorkshopOutputs["cost"]): string {
  if (!cost || cost.perHour === 0) return "The cost is unknown.";
  const { perHour, unknown } = cost;
  const amounts = `${perHour.toFixed(2)} USD an hour, ${(perHour * 24).toFixed(2)} USD a day`;
  return `About ${amounts} in total${unknown.length > 0 ? ", plus items with unknown prices" : ""}.`;
}

const expiryText = ({ expires }: Workshop): string =>
  `${new Date(expires).toISOString().slice(0, 16).replace("T", " ")} UTC`;
