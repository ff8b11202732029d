# shellcheck shell=bash
# One step of the set-up, by its name. Each can be run again.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. /opt/faasmesh/common.sh

# A folder that every account may stand in.
cd /
export KUBECONFIG=/etc/rancher/k3s/k3s.yaml
home=/home/$WORKSHOP_USER
metadata=http://169.254.169.254/metadata/v1

step_packages() {
  local missing=() package
  for package in ca-certificates curl git openssl nftables hey; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  retry 5 10 apt_install "${missing[@]}" ||
    die "the packages ${missing[*]} could not be installed; is the system's archive in reach?"
}

is_installed() {
  [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

apt_install() {
  local apt=(apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "$@"
}

# User-data holds the SSH host key and the hash of the password: not for pods, nor for who sits here.
step_metadata() {
  systemctl enable --now faasmesh-metadata
}

step_account() {
  id "$WORKSHOP_USER" >/dev/null 2>&1 ||
    useradd --create-home --uid "$WORKSHOP_UID" --shell /bin/bash "$WORKSHOP_USER"
  id caddy >/dev/null 2>&1 ||
    useradd --system --user-group --create-home --home-dir /var/lib/caddy --shell /usr/sbin/nologin caddy
  chmod 750 "$home"
  chown "root:$WORKSHOP_USER" "$etc/code-server.yaml"
  chmod 640 "$etc/code-server.yaml"
}

# Let's Encrypt asks the reserved address, which comes after the VM.
step_address() {
  await 300 has_address || die "the address $WORKSHOP_ADDRESS was not given to this VM within 300 s"
}

has_address() {
  [[ "$(curl --silent --max-time 5 "$metadata/reserved_ip/ipv4/ip_address")" == "$WORKSHOP_ADDRESS" ]]
}

step_https() {
  local archive=/var/cache/faasmesh/caddy.tar.gz
  if fetch caddy "$archive" /usr/local/bin/caddy; then
    tar -xzf "$archive" -C /usr/local/bin --no-same-owner caddy
    chmod 755 /usr/local/bin/caddy
    fetched caddy
    rm "$archive"
  fi
  [[ $WORKSHOP_TLS != self-signed ]] || certificate
  systemctl enable --now caddy
  await 300 answers "/-/status.json" ||
    die "there is no HTTPS at $WORKSHOP_HOST: $(journalctl --unit caddy --lines 1 --output cat || true)"
}

certificate() {
  local tls=$etc/tls
  [[ ! -s $tls/cert.pem ]] || return 0
  mkdir -p "$tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 397 -subj "/CN=$WORKSHOP_SEAT" \
    -addext "subjectAltName=IP:$WORKSHOP_HOST" -addext keyUsage=critical,digitalSignature \
    -addext extendedKeyUsage=serverAuth -addext basicConstraints=critical,CA:FALSE \
    -keyout "$tls/key.pem" -out "$tls/cert.pem.new" 2>/dev/null
  chown -R root:caddy "$tls"
  chmod 750 "$tls"
  chmod 640 "$tls/key.pem"
  mv "$tls/cert.pem.new" "$tls/cert.pem"
}

# answers PATH [PORT]: whether HTTPS works, with a certificate that is believed.
answers() {
  local port=${2:-443} trust=()
  [[ $WORKSHOP_TLS != self-signed ]] || trust=(--cacert "$etc/tls/cert.pem")
  curl --fail --silent --output /dev/null --max-time 10 "${trust[@]}" \
    --resolve "$WORKSHOP_HOST:$port:127.0.0.1" "https://$WORKSHOP_HOST:$port$1"
}

step_tools() {
  local name
  for name in kubectl faas-cli linkerd arkade; do install_program "$name" || true; done
}

step_k3s() {
  install_program k3s || true
  systemctl enable --now k3s
  await 300 kubectl get --raw /readyz >/dev/null 2>&1 ||
    die "Kubernetes did not get ready within 300 s: $(journalctl --unit k3s --lines 1 --output cat || true)"
  kubectl wait --for=condition=Ready node --all --timeout=300s
  install -d -o "$WORKSHOP_USER" -g "$WORKSHOP_USER" -m 700 "$home/.kube"
  install -o "$WORKSHOP_USER" -g "$WORKSHOP_USER" -m 600 "$KUBECONFIG" "$home/.kube/config"
}

step_openfaas() {
  local password=$etc/openfaas-password
  if [[ ! -s $password ]]; then
    (umask 077 && openssl rand -hex 16 | tr -d '\n' >"$password.new")
    mv "$password.new" "$password"
  fi
  kubectl apply -f "$etc/openfaas-namespaces.yaml"
  # From a file: a command's arguments are seen by every account.
  kubectl -n openfaas create secret generic basic-auth --from-literal=basic-auth-user=admin \
    --from-file="basic-auth-password=$password" --dry-run=client -o yaml | kubectl apply -f -
  install -D -m 600 "$etc/openfaas.yaml" /var/lib/rancher/k3s/server/manifests/openfaas.yaml
  rolled_out openfaas gateway
  await 120 curl --fail --silent --output /dev/null --max-time 10 "$OPENFAAS_URL/healthz" ||
    die "OpenFaaS's gateway runs and does not answer at $OPENFAAS_URL"
  install -o "$WORKSHOP_USER" -g "$WORKSHOP_USER" -m 600 "$password" "$home/openfaas-password.txt"
  as_user faas-cli login --username admin --password-stdin <"$password"
}

# rolled_out NAMESPACE DEPLOYMENT: waits for it, and names what its pods wait for where that takes too long.
rolled_out() {
  kubectl -n "$1" wait --for=create "deployment/$2" --timeout=300s &&
    kubectl -n "$1" rollout status "deployment/$2" --timeout=600s && return
  kubectl -n "$1" get pods || true
  die "the deployment $2 in the namespace $1 did not come up; see $log"
}

step_linkerd() {
  local verb=install
  fetch gateway-api "$lib/gateway-api.yaml" && fetched gateway-api
  kubectl apply --server-side -f "$lib/gateway-api.yaml"
  # A second installation would bring another trust anchor.
  kubectl -n linkerd get secret linkerd-identity-issuer >/dev/null 2>&1 && verb=upgrade
  linkerd "$verb" --crds | kubectl apply -f -
  linkerd "$verb" | kubectl apply -f -
  linkerd viz install | kubectl apply -f -
  linkerd check --wait 10m || die "Linkerd did not come up; see $log"
}

step_knative() {
  local name
  for name in knative-serving kourier; do
    fetch "$name" "$lib/$name.yaml" && fetched "$name"
  done
  # The custom resources in it are known a moment after their definitions.
  retry 5 5 kubectl apply --server-side --force-conflicts -f "$lib/knative-serving.yaml"
  kubectl apply --server-side --force-conflicts -f "$lib/kourier.yaml"
  kubectl apply --server-side --force-conflicts -f "$etc/knative.yaml"
  kubectl -n kourier-system patch service kourier --patch-file "$etc/kourier-service.yaml"
  rolled_out knative-serving controller
  rolled_out knative-serving webhook
  rolled_out kourier-system 3scale-kourier-gateway
}

step_folder() {
  local folder=$home/$WORKSHOP_FOLDER
  if [[ -n $WORKSHOP_REPOSITORY && ! -d $folder/.git ]]; then
    retry 5 5 clone "$folder" || die "the repository $WORKSHOP_REPOSITORY could not be cloned"
  fi
  as_user mkdir -p "$folder"
  # Its owner's from the first moment on, and never over a file of the owner's.
  [[ -n "$(ls -A "$folder")" ]] ||
    install -o "$WORKSHOP_USER" -g "$WORKSHOP_USER" -m 644 /opt/faasmesh/README.md "$folder/README.md"
}

clone() {
  rm -rf "$1.new"
  as_user git clone --quiet "$WORKSHOP_REPOSITORY" "$1.new" && rm -rf "$1" && mv "$1.new" "$1"
}

step_code() {
  local archive=/var/cache/faasmesh/code-server.tar.gz folder=/usr/local/lib/code-server
  if fetch code-server "$archive" "$folder/bin/code-server"; then
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    tar -xzf "$archive" -C "$folder.new" --strip-components=1 --no-same-owner
    rm -rf "$folder"
    mv "$folder.new" "$folder"
    fetched code-server
    rm "$archive"
  fi
  systemctl enable --now code-server
  await 120 curl --fail --silent --output /dev/null --max-time 10 http://127.0.0.1:8080/healthz ||
    die "VS Code did not start: $(journalctl --unit code-server --lines 1 --output cat || true)"
}

# All of it once more, as those who come will use it.
step_check() {
  local unit
  for unit in faasmesh-metadata caddy k3s code-server; do
    systemctl is-active --quiet "$unit" || die "the service $unit does not run"
  done
  await 60 answers /healthz || die "VS Code does not answer at https://$WORKSHOP_HOST/"
  await 60 answers /healthz 8443 || die "OpenFaaS does not answer at https://$WORKSHOP_HOST:8443/"
  as_user kubectl get nodes >/dev/null || die "the account $WORKSHOP_USER cannot use Kubernetes"
  as_user faas-cli list >/dev/null || die "the account $WORKSHOP_USER cannot use OpenFaaS"
  if as_user curl --silent --output /dev/null --max-time 3 "$metadata/id"; then
    die "the metadata service answers to the account $WORKSHOP_USER"
  fi
}

"step_$1"
