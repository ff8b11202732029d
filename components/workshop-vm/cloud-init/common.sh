# shellcheck shell=bash
# What setup.sh and steps.sh share: progress for those who wait, patience, downloads that are checked.

prefix=${FAASMESH_PREFIX:-}
etc=$prefix/etc/faasmesh
lib=$prefix/var/lib/faasmesh
www=$lib/www
# Used by those who source this.
# shellcheck disable=SC2034
log=$prefix/var/log/faasmesh.log

set -a
# shellcheck source=/dev/null
. "$etc/vm.env"
set +a

# progress STATE DETAIL: what the page shows; STATE is running, failed or ready.
progress() {
  python3 -c '
import json, os, sys
path, state, detail = sys.argv[1:]
env = os.environ
status = {
    "seat": env["WORKSHOP_SEAT"], "state": state, "detail": detail, "title": env["STEP_TITLE"],
    "step": int(env["STEP_NUMBER"]), "steps": int(env["STEP_COUNT"]),
}
with open(path + ".new", "w") as file:
    json.dump(status, file)
os.chmod(path + ".new", 0o644)
os.replace(path + ".new", path)
' "$www/-/status.json" "$1" "$2"
}

# die WHY: ends the step, and names the reason on the page.
die() {
  echo "$1" >"$lib/failure"
  echo "$1" >&2
  exit 1
}

# retry TRIES PAUSE COMMAND...: until it succeeds. The pause, in seconds, doubles from try to try, up to a minute.
retry() {
  local tries=$1 pause=$2 try
  shift 2
  for ((try = 1; ; try++)); do
    if "$@"; then return 0; fi
    ((try < tries)) || return 1
    progress running "try $try of $tries did not work; once more in $pause s"
    sleep "$pause"
    pause=$((pause * 2 > 60 ? 60 : pause * 2))
  done
}

# await LIMIT COMMAND...: until it succeeds, for LIMIT seconds at most.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 3
  done
}

# as_user COMMAND...: as who sits at the VM, with that account's own kubeconfig.
as_user() {
  runuser -u "$WORKSHOP_USER" -- env -u KUBECONFIG HOME="/home/$WORKSHOP_USER" OPENFAAS_URL="$OPENFAAS_URL" "$@"
}

get() {
  curl --fail --silent --show-error --location --connect-timeout 15 --speed-limit 1000 --speed-time 60 \
    --max-time 900 --output "$2" "${WORKSHOP_MIRROR:+$WORKSHOP_MIRROR/}${1#"${WORKSHOP_MIRROR:+https://}"}"
}

# The checksum of a download: pinned, or the one that its release publishes, alone or in a list.
checksum_of() {
  local file=${1##*/} check=$2 list=$3
  if [[ $check == sha256:* ]]; then
    echo "${check#sha256:}"
    return
  fi
  get "${check#sums:}" "$list" || return 1
  awk -v file="$file" 'NF == 1 && NR == 1 { print $1 } { sub(/^\*/, "", $2); n = split($2, path, "/") }
    n && path[n] == file { print $1; exit }' "$list"
}

download() {
  local url=$1 check=$2 into=$3 sum program
  get "$url" "$into/file" || return 1
  sum=$(checksum_of "$url" "$check" "$into/sums") || return 1
  case ${#sum} in
    64) program=sha256sum ;;
    128) program=sha512sum ;;
    *)
      echo "there is no checksum of $url" >&2
      return 1
      ;;
  esac
  "$program" --check --quiet <<<"$sum  $into/file" || {
    echo "$url is not what its checksum says" >&2
    return 1
  }
}

# fetch NAME FILE [THING]: the download of that name, checked. Status 1: THING, which is FILE unless given, is of that
# very download already.
fetch() {
  local name=$1 file=$2 thing=${3:-$2} url check into why
  read -r url check < <(awk -v name="$name" '$1 == name { print $2, $3 }' "$etc/downloads")
  if [[ -e $thing && "$(cat "$lib/installed/$name" 2>/dev/null)" == "$url $check" ]]; then return 1; fi
  into=$(mktemp -d)
  if ! retry "${WORKSHOP_TRIES:-6}" "${WORKSHOP_PAUSE:-3}" download "$url" "$check" "$into" 2>"$into/why"; then
    why=$(tail -n 1 "$into/why")
    rm -r "$into"
    die "the download of $name did not work: $why ($url)"
  fi
  mkdir -p "$(dirname "$file")"
  mv -f "$into/file" "$file"
  rm -r "$into"
}

# fetched NAME: says that what was fetched has been put where it belongs.
fetched() {
  awk -v name="$1" '$1 == name { print $2, $3 }' "$etc/downloads" >"$lib/installed/$1"
}

# install_program NAME: the download of that name as a program. Status 1: it was there.
install_program() {
  fetch "$1" "/usr/local/bin/$1" || return 1
  chown root:root "/usr/local/bin/$1"
  chmod 755 "/usr/local/bin/$1"
  fetched "$1"
}
