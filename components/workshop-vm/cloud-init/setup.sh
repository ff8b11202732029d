# shellcheck shell=bash
# Sets a workshop VM up, step by step. Run again, it does what is left to do, and changes nothing that is done.
# It fails, and with it cloud-init, where one step fails; the page on the VM's address and the log name that step.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${FAASMESH_PREFIX:-}/opt/faasmesh/common.sh"

# How long a step may take, in seconds.
step_limit=${WORKSHOP_STEP_LIMIT:-1200}

steps=(
  "packages:Packages of the system"
  "metadata:Closing the cloud's metadata service"
  "account:Your account"
  "address:The address"
  "https:HTTPS"
  "tools:kubectl, faas-cli, linkerd and arkade"
  "k3s:Kubernetes (k3s)"
  "openfaas:OpenFaaS"
)
[[ $WORKSHOP_LINKERD != yes ]] || steps+=("linkerd:Linkerd")
[[ $WORKSHOP_KNATIVE != yes ]] || steps+=("knative:Knative")
steps+=("folder:Your folder" "code:VS Code" "check:A last check")

run_step() {
  local status=0 started=$SECONDS why
  progress running ""
  echo "[$STEP_NUMBER/$STEP_COUNT] $STEP_TITLE"
  rm -f "$lib/failure"
  # The lock is not for services that a step starts.
  timeout --kill-after=10 "$step_limit" bash "$prefix/opt/faasmesh/steps.sh" "$1" 9>&- || status=$?
  if ((status == 0)); then
    echo "[$STEP_NUMBER/$STEP_COUNT] done in $((SECONDS - started)) s"
    return
  fi
  why="it ended with status $status; see $log"
  ((status != 124)) || why="it took longer than $step_limit s; see $log"
  [[ ! -s $lib/failure ]] || why=$(<"$lib/failure")
  progress failed "$why"
  echo "FAILED in step $STEP_NUMBER, $STEP_TITLE: $why"
  exit 1
}

main() {
  local step
  mkdir -p "$www/-" "$lib/installed"
  exec 9>"$lib/lock"
  flock --nonblock 9 || {
    echo "Another set-up is under way."
    exit 1
  }
  install -m 644 "$prefix/opt/faasmesh/index.html" "$www/index.html"
  systemctl daemon-reload
  systemctl is-active --quiet caddy || systemctl start faasmesh-first-page
  export STEP_NUMBER=0 STEP_TITLE="" STEP_COUNT=${#steps[@]}
  for step in "${steps[@]}"; do
    STEP_NUMBER=$((STEP_NUMBER + 1))
    STEP_TITLE=${step#*:}
    run_step "${step%%:*}"
  done
  progress ready ""
  echo "Ready: https://$WORKSHOP_HOST/"
}

main 2>&1 | tee -a "$log"
