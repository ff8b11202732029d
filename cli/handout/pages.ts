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

/** The page of one seat: what a person needs to begin, on one sheet of paper. */
export function seatPage(name: string, seat: Seat, workshop: Workshop, style: string): string {
  const { url, user, password, gatewayUrl, fingerprint } = seat;
  return page(
    `${name}: your workshop VM`,
    style,
    html`<h1>${name}</h1>
      <p class="muted">Your workshop VM, until ${whenOver(workshop)}</p>
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
        For its first five minutes the VM sets itself up, and the same address says how far it is. Where that
        page names an error, tell your instructor: seat <code>${name}</code>.
      </p>`,
  );
}

const warning = (fingerprint: string): Html =>
  html`<h2>The browser warns of the certificate</h2>
    <p>
      The VM signed it itself. Go on only if the certificate's SHA-256 fingerprint is this one. What VS Code
      shows in panes of its own, such as previews, may stay empty.
    </p>
    <pre>${fingerprint}</pre>`;

/** The instructor's page: all seats on one list. */
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
        ${rows.length} seats, ${workshop.size} in ${workshop.region}, until ${whenOver(workshop)}.
        ${costLine(cost)}
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Seat</th>
              <th>VS Code</th>
              <th>Password</th>
              <th>Who</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
      <h2>For you alone</h2>
      <p>
        This page and the folder <code>admin</code> hold every password and key: do not put them where others
        read. Hand out the pages in <code>seats</code>, one to each person.
      </p>
      <p>As root on a VM, from the folder <code>admin</code>:</p>
      <pre>${first?.sshCommand ?? ""}</pre>
      <p>Its cluster: <code>kubectl --kubeconfig NAME.kubeconfig get pods -A</code></p>
      <p>Afterwards: <code>pulumi destroy</code>, and delete this folder.</p>`,
  );
}

function costLine(cost: WorkshopOutputs["cost"]): string {
  if (!cost || cost.perHour === 0) return "The price is unknown here.";
  const { perHour, unknown } = cost;
  const amounts = `${perHour.toFixed(2)} USD an hour, ${(perHour * 24).toFixed(2)} USD a day`;
  return `About ${amounts}, in all${unknown.length > 0 ? ", besides what is unknown" : ""}.`;
}

const whenOver = ({ expires }: Workshop): string =>
  `${new Date(expires).toISOString().slice(0, 16).replace("T", " ")} UTC`;
