"""What evaluate.nix has found, as text for people: each file and script under a heading, each job as the plist that
nix-darwin would write. With a folder as argument it writes them there instead, as files."""

import json
import os
import plistlib
import sys


def sections(found):
    yield "checks", found["checks"]
    for name, text in sorted(found["activation"].items()):
        yield f"activation/{name}", text
    for name, entry in sorted(found["etc"].items()):
        if entry["text"]:
            yield f"etc/{name}", entry["text"]
        else:
            yield f"etc/{name} ->", entry["source"] + "\n"
    for name, job in sorted(found["daemons"].items()):
        job = {"Label": f"org.nixos.{name}", **job}
        yield f"Library/LaunchDaemons/{job['Label']}.plist", plistlib.dumps(job).decode()
    if "determinateNix" in found:
        yield "determinateNix", json.dumps(found["determinateNix"], indent=1, sort_keys=True) + "\n"
    yield "systemPackages", "".join(path + "\n" for path in found["systemPackages"])


def main():
    found = json.load(sys.stdin)
    for name, text in sections(found):
        if len(sys.argv) == 1:
            print(f"== {name}\n{text}")
        elif name.endswith(" ->"):
            path = os.path.join(sys.argv[1], name[:-3])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(text.strip(), path)
        elif text:
            path = os.path.join(sys.argv[1], name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)


main()
