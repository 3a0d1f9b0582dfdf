#!/bin/bash
# Prepares .venv and, where root asks, system packages.   Usage: .ci/setup.sh runtime|lint|test|peers
#
# Needs a Debian or Ubuntu with Python 3.11+; elsewhere it says what to install. Versions come from
# .ci/constraints.txt; where packages come from is pip's and apt's own configuration. PYTHON names another
# interpreter. Each goal leaves a stamp that the Makefile compares with pyproject.toml and the pins.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

caniemail=2.0.2 # what mail programs support; packed for npm alone
vnu=26.9.27 # the Nu Html Checker, which is packed for npm alone

goal=${1:?usage: .ci/setup.sh runtime|lint|test|peers}
pins=.ci/constraints.txt
packages=() # system packages that are missing
reasons=()  # a line for each of them

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$@"
    exit 1
}
is_root() { [ "$(id -u)" -eq 0 ]; }
is_ubuntu() { grep -qsx 'ID=ubuntu' /etc/os-release; }
want() { # PACKAGE WHY
    packages+=("$1")
    reasons+=("  $1: $2")
}

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "syndicator needs Python 3.11 or newer; python3 here is $(python3 -V 2>/dev/null || echo missing)." \
        "PYTHON=/path/to/python3.11 make … uses another one."
}

# What is missing -----------------------------------------------------------------------------------------

check_venv() {
    venv_works || "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        want "$venv_package" "creates .venv (this Python comes without ensurepip)"
}

check_browser() {
    # Ubuntu's package is a stub that wants a snap: there Playwright brings the browser (see add_browser).
    is_ubuntu || "$python" tests/browser.py >/dev/null ||
        want chromium "opens the pages as readers see them"
    "$python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null ||
        want libatomic1 "Playwright, which steers the browser, is linked with it"
    fc-list ':lang=zh-cn' 2>/dev/null | grep -q . ||
        want fonts-noto-cjk "Chinese text on those pages"
    fc-list 'Noto Serif' 2>/dev/null | grep -q . ||
        want fonts-noto-core "the faces that the pages are set in, with Arabic"
}

check_peers() {
    local row program package why
    for row in \
        'newsboat newsboat reads our feeds and is measured against us' \
        'sfeed sfeed reads feeds and is measured against us' \
        'r2e rss2email follows our feeds by mail' \
        'nginx nginx serves our files and is measured against us' \
        'opendkim opendkim verifies our signatures' \
        'spamassassin spamassassin scores our mails' \
        'caddy caddy serves our files as docs/Caddyfile says' \
        'xmllint libxml2-utils reads our XML strictly' \
        'systemd-analyze systemd judges our unit' \
        'java default-jre-headless runs the Nu Html Checker' \
        'npm npm brings the Nu Html Checker and what mail programs support'; do
        read -r program package why <<<"$row"
        PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || want "$package" "$why"
    done
}

# Making it so --------------------------------------------------------------------------------------------

apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >&2; }

add_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        die "Missing on this machine, and there is no apt-get to fetch it (the names are Debian's):" \
            "$(printf '\n%s' "${reasons[@]}")"
    elif ! is_root; then
        die "Missing on this machine:$(printf '\n%s' "${reasons[@]}")
This needs root, once. Then repeat the make command. It is:
  sudo apt-get install -y ${packages[*]}"
    fi
    say "Installing system packages:$(printf '\n%s' "${reasons[@]}")"
    compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || apt update
    if apt install -y --no-install-recommends "${packages[@]}"; then return; fi
    apt update # the lists may be older than what the mirror still holds
    apt install -y --no-install-recommends "${packages[@]}"
}

venv_works() { .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

add_venv() {
    if venv_works; then return; fi
    say "Creating .venv with $("$python" -V)"
    "$python" -m venv --clear .venv
}

pip_install() { # the constraints reach what packages need to be built, too
    PIP_BUILD_CONSTRAINT=$pins .venv/bin/python -m pip --disable-pip-version-check --no-input \
        install --quiet --constraint "$pins" "$@"
}

add_python_packages() { # EXTRAS
    say "Installing Python packages into .venv (a minute or two the first time)"
    pip_install pip # what Debian ships is too old to know build constraints
    pip_install --editable ".$1"
}

add_checker() {
    local jar=.venv/vnu-$vnu.jar work
    [ ! -s "$jar" ] || return 0
    say "Fetching the Nu Html Checker $vnu"
    work=$(mktemp -d .venv/vnu.XXXXXX)
    npm pack --silent --pack-destination "$work" "vnu-jar@$vnu" >&2
    tar -xzOf "$work/vnu-jar-$vnu.tgz" package/build/dist/vnu.jar >"$work/vnu.jar"
    mv "$work/vnu.jar" "$jar"
    rm -rf "$work"
}

add_mail_programs() {
    local data=.venv/caniemail-$caniemail.json work
    [ ! -s "$data" ] || return 0
    say "Fetching the data of caniemail $caniemail"
    work=$(mktemp -d .venv/caniemail.XXXXXX)
    npm pack --silent --pack-destination "$work" "caniemail@$caniemail" >&2
    tar -xzOf "$work/caniemail-$caniemail.tgz" package/data/caniemail.json >"$work/data.json"
    mv "$work/data.json" "$data"
    rm -rf "$work"
}

add_browser() { # only where no package brings one
    if .venv/bin/python tests/browser.py >/dev/null; then return; fi
    say "Fetching Playwright's Chromium"
    if is_root; then
        .venv/bin/playwright install --with-deps chromium >&2
    else
        .venv/bin/playwright install chromium >&2
        .venv/bin/python tests/browser.py >/dev/null ||
            die "Chromium is here, but libraries that it needs are missing. This needs root, once. It is:" \
                "sudo '$PWD/.venv/bin/playwright' install-deps chromium"
    fi
}

python=$(find_python)
case $(readlink -f "$python") in
"$(readlink -f /usr/bin/python3)") venv_package=python3-venv ;;
*) venv_package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])') ;;
esac

# A larger goal reaches the smaller ones as well. What is missing is asked for at once.
case $goal in
runtime) extras='' reached=(runtime) ;;
lint) extras='[lint]' reached=(runtime lint) ;;
test) extras='[test]' reached=(runtime lint test) ;;
peers) extras='[test,bench]' reached=(runtime lint test peers) ;;
*) die "unknown goal $goal" ;;
esac
check_venv
[[ $extras != *test* ]] || check_browser
[ "$goal" != peers ] || check_peers
add_packages
add_venv
add_python_packages "$extras"
[[ $extras != *test* ]] || add_browser
[ "$goal" != peers ] || add_checker
[ "$goal" != peers ] || add_mail_programs
touch "${reached[@]/#/.venv/.ready-}"
