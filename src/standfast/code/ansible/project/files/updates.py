#!/usr/bin/env python3
"""Which updates this host lacks, as JSON: what apt would install now, and whether it comes from a security archive.

It only reads, and needs no root. Put into /etc/ansible/facts.d as `updates.fact` it becomes a fact of the host's own.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

STAMP = Path("/var/lib/apt/periodic/update-success-stamp")  # of APT::Periodic; Ansible's apt module looks at both, too
RESTART = Path("/var/run/reboot-required")
# Inst libssl3 [3.0.19-1~deb12u2] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security [amd64]) []
LINE = re.compile(r"^Inst (\S+) \[(\S+)\] \((\S+) (.*?) \[", re.MULTILINE)


def run(*words):
    env = dict(os.environ, LC_ALL="C")
    done = subprocess.run(words, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout


def day(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def lists_of(folder):
    """When the lists of packages were last fetched; nothing where there are none."""
    if not any("_Packages" in one.name for one in folder.iterdir()):
        return ""
    return day(max(one.stat().st_mtime for one in (folder, STAMP) if one.exists()))


def main():
    told = run("apt-get", "-s", "-o", "Debug::NoLocking=true", "dist-upgrade")
    folder = run("apt-config", "shell", "FOLDER", "Dir::State::lists/d").partition("=")[2].strip().strip("'")
    answer = {"asked": day(time.time()), "lists": lists_of(Path(folder)), "restart": RESTART.exists()}
    answer["lacking"] = [
        {"package": name, "installed": now, "fixed": then, "security": "security" in origin.lower()}
        for name, now, then, origin in LINE.findall(told)
    ]
    print(json.dumps(answer, sort_keys=True))


if __name__ == "__main__":
    main()
