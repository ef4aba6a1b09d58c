"""Holds workflows against the rules of scripts/check-workflows, and says what breaks them: FILE: JOB: what.

usage: rules.py FILE...
"""

import functools
import pathlib
import re
import subprocess
import sys

from ruamel.yaml import YAML

IMAGE = re.compile(r"[a-z/]+:[0-9][^ ]*$")
PINNED = re.compile(r"[^ @]+@[0-9a-f]{40}$")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
broken = False


def say(*where_and_what):
    global broken
    broken = True
    print(*where_and_what, sep=": ", file=sys.stderr)


def check_uses(where, uses):
    if uses.startswith("./"):
        if not pathlib.Path(uses).is_file():
            say(*where, f"'{uses}' is not there")
    elif not PINNED.match(uses):
        say(*where, f"'{uses}' is not pinned by its commit")


@functools.cache
def complaints(text):
    """What bash and shellcheck have against a line of shell, one string each."""
    calls = (["bash", "-n"], ["shellcheck", "-f", "gcc", "-s", "bash", "-"])
    done = [subprocess.run(call, input=text + "\n", capture_output=True, text=True) for call in calls]
    return [(run.stdout + run.stderr).strip() for run in done if run.returncode != 0]


def check_run(where, text):
    """One command, of ours or a plain one; what GitHub fills in is a word to the shell."""
    text = EXPRESSION.sub("word", text.strip())
    if "\n" in text:
        say(*where, "more than one line of shell", text.splitlines()[0])
    program = text.split()[0]
    path = pathlib.Path(program)
    if program.startswith("scripts/") and not (path.is_file() and path.stat().st_mode & 0o100):
        say(*where, f"'{program}' is not a program here")
    for complaint in complaints(text):
        say(*where, text, complaint)


def check_container(where, container):
    image = container if isinstance(container, str) else container["image"]
    if not IMAGE.match(image):
        say(*where, f"the image '{image}' has no version")


def check_job(where, job, workflow):
    if "permissions" not in workflow and "permissions" not in job:
        say(*where, "no permissions")
    if "uses" in job:
        check_uses(where, job["uses"])
        return
    if "timeout-minutes" not in job:
        say(*where, "no time limit")
    if "container" in job:
        check_container(where, job["container"])
    for step in job["steps"]:
        if "uses" in step:
            check_uses(where, step["uses"])
        else:
            check_run(where, step["run"])


for name in sys.argv[1:]:
    workflow = YAML(typ="safe").load(pathlib.Path(name))
    for job_name, job in workflow["jobs"].items():
        check_job((name, job_name), job, workflow)
sys.exit(broken)
