"""Runs in a private mount namespace: a host of its own, into which programs are put and run.

Arguments: the folder of the host, the client's package, Python's prefix. Then JSON lines in, each
a command that runs inside the host, and JSON lines out.
"""

import json
import os
import subprocess
import sys

LIMIT_S = 60
BANNER = b"OpenAI Codex v"
SHARED = ("bin", "sbin", "lib", "lib32", "lib64", "usr")


def call(*words):
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)


def bind(source, place):
    os.makedirs(place, exist_ok=True)
    call("mount", "--rbind", source, place)


def lay_out(root, package, prefix):
    for name in SHARED:
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            bind(f"/{name}", f"{root}/{name}")
    call("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", f"{root}/usr/local")
    bind(package, f"{root}/usr/local/lib/node_modules/@openai/codex")
    if not prefix.startswith("/usr"):
        bind(prefix, f"{root}{prefix}")
    bind("/dev", f"{root}/dev")
    bind("/proc", f"{root}/proc")


def run(root, request):
    done = subprocess.Popen(
        ["chroot", root, "/bin/sh", "-c", f"cd /home/dev && {request['inside']}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=request["env"],
    )
    if not request.get("until_banner"):
        out, err = done.communicate(timeout=LIMIT_S)
        return {"code": done.returncode, "out": out.decode(), "err": err.decode()}
    said = b""
    while part := done.stderr.read1():
        said += part
        if BANNER in said:
            break
    done.kill()
    done.wait()
    return {"started": BANNER in said, "err": said.decode()}


def main():
    root, package, prefix = sys.argv[1:]
    lay_out(root, package, prefix)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "outside" in request:  # with the mounts of this namespace, and not within its root
            done = subprocess.run(request["outside"], check=False, capture_output=True, text=True)
            answer = {"code": done.returncode, "out": done.stdout, "err": done.stderr}
        else:
            answer = run(root, request)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
