# Sourced by the scripts of this folder: where things are built, timed steps and content stamps.
# It runs nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
PATH="$root/node_modules/.bin:$PATH"
# A shell opened before rustup was installed does not have cargo on its path yet.
if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
  PATH="$PATH:$HOME/.cargo/bin"
fi
export PATH
export CARGO_TARGET_DIR="${HEDDLE_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/heddle/target}"

# seconds_since START: "1.2 s" since START, a value of EPOCHREALTIME.
seconds_since() {
  local micros=$((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}))
  printf '%d.%d s' $((micros / 1000000)) $((micros / 100000 % 10))
}

# step NAME COMMAND...: says what begins, runs it, says how long it took; its failure is the script's.
step() {
  local name=$1 start=$EPOCHREALTIME status=0
  shift
  printf -- '-- %s\n' "$name"
  "$@" || status=$?
  if [ "$status" -ne 0 ]; then
    printf -- '-- %s: failed after %s (exit %d)\n' "$name" "$(seconds_since "$start")" "$status" >&2
    exit "$status"
  fi
  printf -- '-- %s: done in %s\n' "$name" "$(seconds_since "$start")"
}

# content_hash: one hash over the names and contents of the files named on standard input, a line each.
content_hash() {
  LC_ALL=C sort | tr '\n' '\0' | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1
}

# is_stamped FILE VALUE: whether the step that owns the stamp FILE last succeeded with VALUE.
is_stamped() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}
