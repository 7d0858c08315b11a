#!/bin/sh
# Proves `make run` on a bare Debian 12 that has git and make, and no Node: run it as root.
#
#   sh tests/bare_debian.sh [test]    with `test` it runs `make test` there too
#
# A minimal root is made by debootstrap in a temporary folder, this repository's last commit is
# cloned into it, and make is called in a chroot. Of this machine it takes only how packages are
# reached: apt's, pip's and npm's configuration and the certificates. Everything is removed at the end.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
root=$(mktemp -d /tmp/wangge-bare-XXXXXX)
chmod 755 "$root"
service=

leave() {
    stop
    for mounted in proc dev/pts dev/shm dev; do umount "$root/$mounted" 2>/dev/null || true; done
    # Never through a mount that is still there.
    grep -q " $root/" /proc/mounts || rm -rf "$root"
}
trap leave EXIT
trap 'exit 130' INT TERM

# Outside /etc/ssl, which Debian's own package of certificates writes anew.
trusted=/etc/certificates-of-this-machine.crt
settings="HOME=$HOME PATH=/usr/sbin:/usr/bin:/sbin:/bin"
for name in PIP_CERT REQUESTS_CA_BUNDLE SSL_CERT_FILE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS; do
    settings="$settings $name=$trusted"
done
# shellcheck disable=SC2086 # one word a setting
inside() { chroot "$root" /usr/bin/env $settings "$@"; }
seconds() { date +%s; }

debootstrap --variant=minbase --include=git,make,ca-certificates,curl bookworm "$root" >/dev/null
for taken in /etc/apt /etc/pip.conf "$HOME/.npmrc" "$HOME/.config/pip" /etc/resolv.conf; do
    [ -e "$taken" ] || continue
    mkdir -p "$root$(dirname "$taken")"
    rm -rf "${root:?}$taken"
    cp -aL "$taken" "$root$taken"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root$trusted"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
# Pseudo terminals of its own: some tests open one.
mount -t devpts devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
git clone --quiet "$here" "$root/srv/wangge"
! inside sh -c 'command -v node' || { echo "there is a Node: not a bare machine" >&2; exit 1; }

# Starts `make run` and waits until the city is served.
run() {
    began=$(seconds)
    # A session of its own: what runs in it is told to end as one, and this script is not.
    # shellcheck disable=SC2086
    setsid chroot "$root" /usr/bin/env $settings \
        make -C /srv/wangge run WANGGE_PORT=8199 &
    service=$!
    until curl --silent --fail --output /dev/null http://127.0.0.1:8199/readyz; do
        kill -0 "$service" || exit 1
        sleep 0.2
    done
    echo "$1: ready after $(($(seconds) - began)) s"
}

cases() { curl --silent --fail http://127.0.0.1:8199/api/city | grep -o '"cases":[0-9]*'; }

stop() {
    [ -n "$service" ] || return 0
    kill -TERM "-$service" || true
    wait "$service" || true
    service=
}

run "first make run"
before=$(cases)
curl --silent --fail --output /dev/null -H 'Content-Type: application/json' \
    -d '{"lng":121.15,"lat":30.04,"category":"other"}' http://127.0.0.1:8199/api/reports
stop
run "second make run"
echo "$before, after one report and a second start $(cases)"
stop
[ "${1:-}" != test ] || inside make -C /srv/wangge test
