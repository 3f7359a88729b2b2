# Shared by the scripts of this folder; sourced, not run.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
called_from="$PWD"
cd "$root"
bin="$root/.venv/bin"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}
