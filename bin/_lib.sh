# shellcheck shell=bash
# Sourced by every command in bin/: where things are, who runs the servers, messages, locks, child processes.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
command_name=bin/$(basename "$0")
cd "$checkout"

say() { printf "%s\n" "$@"; }
warn() { printf '%s: %s\n' "$command_name" "$*" >&2; }
die() { warn "$*"; exit 1; }
# usage FILE: the comment at the head of a command is its help text.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1"; }

for tool in setpriv setsid flock; do
  type -P "$tool" >/dev/null || die "needs $tool (package util-linux); Weige runs on Linux only"
done

# --- who runs the servers ---------------------------------------------------------------------------------
# Root never runs a server: PostgreSQL refuses it, and the others need none of root's rights.
identity=()
server_user=$(id -un 2>/dev/null) || die "user $EUID has no entry in /etc/passwd; PostgreSQL needs one"
if [ "$EUID" = 0 ]; then
  server_user=${WEIGE_SERVER_USER:-nobody}
  id "$server_user" >/dev/null 2>&1 || die "user $server_user does not exist; set WEIGE_SERVER_USER"
  [ "$(id -u "$server_user")" != 0 ] || die "WEIGE_SERVER_USER must not be root"
  identity=(--reuid "$(id -u "$server_user")" --regid "$(id -g "$server_user")" --clear-groups)
fi

# A child process that dies with us, whatever kills us; as the server user, with a home directory of its own.
as_server() {
  setpriv ${identity[@]+"${identity[@]}"} --pdeathsig TERM -- env HOME="${state:-/nonexistent}/home" "$@"
}

# --- where things are -------------------------------------------------------------------------------------
# base: holds .venv and var. The checkout itself, unless the server user cannot reach it (a clone in /root);
# then a directory under /var/lib, which only root can create there.
short_hash() { printf '%s' "$1" | sha256sum | cut -c1-12; }
base=$checkout
app=$checkout  # the code the servers run
can_reach_checkout() { as_server test -r "$checkout/bin/_lib.sh" -a -r "$checkout/config/settings/base.py"; }
if ! can_reach_checkout 2>/dev/null; then
  base=/var/lib/weige-$(short_hash "$checkout")
  app=$base/app
  mkdir -p "$base"
fi
[ -w "$base" ] || die "cannot write to $base"
mkdir -p "$base/var"
venv=$base/.venv
python=$venv/bin/python

# use_state NAME: the directory of one set of servers. Its parts that servers write belong to the server user.
use_state() {
  state=$base/var/$1
  mkdir -p "$state/log"
  local part
  for part in home media static; do
    [ -d "$state/$part" ] || { mkdir "$state/$part"; own "$state/$part"; }
  done
  [ "$(stat -c %U "$state/home")" = "$server_user" ] ||
    die "$state belongs to $(stat -c %U "$state/home"), not to $server_user; remove it or run as its owner"
}

# own PATH…: gives what root made to the server user.
own() { [ "$EUID" != 0 ] || chown -R -- "$server_user:" "$@"; }

# refresh_app: where the checkout cannot be reached, the servers run a copy of the code.
refresh_app() {
  [ "$app" != "$checkout" ] || return 0
  rm -rf "$app" && mkdir "$app"
  tar -C "$checkout" -cf - --exclude=./.git --exclude=./.env --exclude=./.venv --exclude=./var --exclude=./node_modules . |
    tar -C "$app" -xf - --no-same-owner
  chmod -R a+rX "$app"
}

# --- locks ------------------------------------------------------------------------------------------------
# lock NAME: waits its turn. The kernel frees the lock when the last process that holds it ends.
# Setting up is locked apart from the servers, so that bin/demo and bin/test can run side by side.
declare -A lock_fd
try_lock() {
  [ -n "${lock_fd[$1]:-}" ] || exec {lock_fd[$1]}>>"$base/var/$1.lock"
  flock -n "${lock_fd[$1]}"
}
lock() {
  try_lock "$1" && return
  say "Another run holds $base/var/$1.lock; waiting for it …"
  until flock -w 1 "${lock_fd[$1]}"; do :; done
}
unlock() { flock -u "${lock_fd[$1]}"; }

# --- child processes --------------------------------------------------------------------------------------
# run COMMAND…: one step in the foreground. Run as a job and waited for, so that a signal is answered at once
# and not only when the step is over.
current=
run() {
  local code=0
  setpriv --pdeathsig TERM -- "$@" </dev/null &
  current=$!
  wait "$current" || code=$?
  current=
  return "$code"
}
run_as_server() { run setpriv ${identity[@]+"${identity[@]}"} --pdeathsig TERM -- env HOME="$state/home" "$@"; }

# spawn NAME SIGNAL COMMAND…: starts a server; SIGNAL is how it likes to be asked to stop. Its own session, so
# that Ctrl-C in the terminal reaches only us and we stop the servers in order; it gets SIGNAL when we are killed.
declare -A pid_of signal_of
started=()
spawn() {
  local name=$1 signal=$2
  shift 2
  setsid setpriv ${identity[@]+"${identity[@]}"} --pdeathsig "$signal" -- env HOME="$state/home" "$@" \
    </dev/null >"$state/log/$name.log" 2>&1 &
  pid_of[$name]=$!
  signal_of[$name]=$signal
  started+=("$name")
}
is_running() { kill -0 "${pid_of[$1]}" 2>/dev/null; }
name_of_pid() {
  local name
  for name in "${started[@]}"; do [ "${pid_of[$name]}" != "$1" ] || say "$name"; done
}

# stop NAME…: asks all, then waits for each; one that does not end within 20 seconds is killed.
stop() {
  local name try
  for name; do [ -z "${pid_of[$name]:-}" ] || kill -s "${signal_of[$name]}" "${pid_of[$name]}" 2>/dev/null || true; done
  for name; do
    [ -n "${pid_of[$name]:-}" ] || continue
    for ((try = 0; try < 200; try++)); do is_running "$name" || break; sleep 0.1; done
    ! is_running "$name" || warn "$name did not stop; killing it"
    kill -s KILL -- "-${pid_of[$name]}" 2>/dev/null || true  # and what a killed server left of its group
    wait "${pid_of[$name]}" 2>/dev/null || true
    unset "pid_of[$name]"
  done
}

# on_exit FUNCTION: FUNCTION runs once, whatever ends us: success, error, Ctrl-C, TERM, a closed terminal.
# at_exit_too is what setting up leaves to be done before it.
at_exit_too=true
on_exit() {
  at_exit=$1
  trap leave EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}
leave() {
  local code=$?
  trap '' INT TERM HUP
  [ -z "$current" ] || kill "$current" 2>/dev/null || true
  "$at_exit_too" || true
  "$at_exit" || true
  exit "$code"
}
