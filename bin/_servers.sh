# shellcheck shell=bash
# Sourced: a private PostgreSQL and Redis on unix sockets, without any port, and the environment Django reads.

# make_sockets: a fresh private directory. Under /tmp, because a socket's path may not exceed 107 bytes.
make_sockets() {
  remove_sockets
  sockets=$(mktemp -d /tmp/weige.XXXXXX)
  chmod 0700 "$sockets"
  own "$sockets"
  ln -sfn "$sockets" "$state/sockets"
}
remove_sockets() {
  local old
  old=$(readlink "$state/sockets") || return 0
  [[ $old != /tmp/weige.?????? ]] || rm -rf "$old"
  rm -f "$state/sockets"
}

# set_clock MOMENT: PostgreSQL and the tests (tests/shifted.py) live at that moment in Shanghai and go on from there.
# Redis measures times but tells none.
set_clock() {
  local moment
  moment=$(date -d "TZ=\"Asia/Shanghai\" $1" +%s) || die "not a moment: $1"
  FAKETIME=$(printf '%+d' $((moment - $(date +%s))))
  CLOCK_LIBRARY=$(compgen -G '/usr/lib/*/faketime/libfaketime.so.1')
  export FAKETIME CLOCK_LIBRARY NO_FAKE_STAT=1
}

# start_postgres [OPTION…]: makes the cluster at the first start. Access is guarded by the socket's directory
# (mode 0700), so the cluster itself trusts; role weige is its superuser and may create databases and extensions.
# (env -C: servers complain of a current directory they cannot reach.)
start_postgres() {
  local data=$state/pg
  if [ -f "$data/PG_VERSION" ]; then
    local version
    version=$(cat "$data/PG_VERSION")
    postgres_bin=/usr/lib/postgresql/$version/bin
    [ -x "$postgres_bin/postgres" ] ||
      die "$data was made by PostgreSQL $version, which is no longer installed; install it again or run bin/demo --reset"
  else
    make_cluster "$data"
  fi
  spawn postgres INT env -C "$state" LD_PRELOAD="${CLOCK_LIBRARY:-}" "$postgres_bin/postgres" -D "$data" -c listen_addresses= \
    -c unix_socket_directories="$sockets" -c timezone=UTC -c log_timezone=UTC "$@"
  wait_for postgres "$postgres_bin/pg_isready" -q -h "$sockets"
}

# make_cluster DIRECTORY: complete or not there at all.
make_cluster() {
  rm -rf "$1" "$1.new"
  mkdir -m 0700 "$1.new" && own "$1.new"
  run_as_server env -C "$state" "$postgres_bin/initdb" -D "$1.new" -U weige --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 "${initdb_options[@]}" >"$state/log/initdb.log" 2>&1 ||
    { cat "$state/log/initdb.log" >&2; die "initdb failed"; }
  mv "$1.new" "$1"
}
initdb_options=(--data-checksums)

# start_redis: keeps nothing on disk; by design nothing in it is missed (reminders live in PostgreSQL).
start_redis() {
  spawn redis TERM env -C "$state" "$(type -P redis-server)" --port 0 \
    --unixsocket "$sockets/redis.sock" --unixsocketperm 700 --save '' --appendonly no --dir "$state/home" --daemonize no
  wait_for redis redis_answers
}
redis_answers() { [ "$(redis-cli -s "$sockets/redis.sock" ping 2>/dev/null)" = PONG ]; }

# wait_for NAME COMMAND…: until COMMAND succeeds, at most 60 seconds.
wait_for() {
  local name=$1 try
  shift
  for ((try = 0; try < 600; try++)); do
    is_running "$name" || report_death "$name"
    ! "$@" || return 0
    sleep 0.1
  done
  die "$name does not answer after 60 s; see $state/log/$name.log"
}
report_death() {
  warn "$1 stopped; the end of $state/log/$1.log:"
  tail -n 20 "$state/log/$1.log" >&2
  exit 1
}

# ensure_database: an empty database at the first start.
ensure_database() {
  local psql=("$postgres_bin/psql" -X -q -At -h "$sockets" -U weige)
  [ "$("${psql[@]}" -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'weige'")" = 1 ] ||
    "${psql[@]}" -d postgres -c 'CREATE DATABASE weige'
}

# export_settings MODULE: what config/settings reads.
export_settings() {
  local secret=$state/secret-key
  [ -s "$secret" ] || (umask 077 && "$python" -c 'import secrets; print(secrets.token_urlsafe(50))' >"$secret")
  export DJANGO_SETTINGS_MODULE=$1
  SECRET_KEY=$(cat "$secret")
  export SECRET_KEY
  export DATABASE_URL="postgis://weige@/weige?host=$sockets"
  export REDIS_URL="unix://$sockets/redis.sock?db=0"
  export MEDIA_ROOT=$state/media STATIC_ROOT=$state/static
  export ALLOWED_HOSTS=127.0.0.1,localhost DEBUG=0
  export PGHOST=$sockets PGUSER=weige PGDATABASE=weige  # for dbshell, which does not read the URL's host
}
