"""How launchd starts a process: what it has, and what it has not, of environment, descriptors and rights."""

import grp
import os
import pwd
import resource
import signal
import sys

PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
CONFIG = 78  # what a job ends with that cannot be started as its property list says: EX_CONFIG
FILES = 256
LIMITS = {
    "Core": resource.RLIMIT_CORE,
    "CPU": resource.RLIMIT_CPU,
    "Data": resource.RLIMIT_DATA,
    "FileSize": resource.RLIMIT_FSIZE,
    "MemoryLock": resource.RLIMIT_MEMLOCK,
    "NumberOfFiles": resource.RLIMIT_NOFILE,
    "NumberOfProcesses": resource.RLIMIT_NPROC,
    "ResidentSetSize": resource.RLIMIT_RSS,
    "Stack": resource.RLIMIT_STACK,
}


def spawn(job, stdio=None):
    """Starts it, with the socket `stdio` as 0, 1 and 2 or else /dev/null, and returns the process ID."""
    pid = os.fork()
    if pid:
        return pid
    try:
        become(job, stdio)
    except BaseException as error:
        print(f"{job['Label']}: cannot start: {error}", file=sys.stderr, flush=True)
    os._exit(CONFIG)


def environment(job):
    user = pwd.getpwnam(job["UserName"]) if "UserName" in job else None
    values = {"PATH": PATH, "XPC_SERVICE_NAME": job["Label"], "XPC_FLAGS": "0x0"}
    # A daemon of root's has no home.
    if user:
        values.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name, SHELL=user.pw_shell)
    values.update(job.get("EnvironmentVariables", {}))
    return values


def become(job, stdio):
    os.setsid()
    # Python ignores these, and what is ignored stays so.
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    values = environment(job)
    limits(job)
    os.umask(int(job.get("Umask", 0o022)))
    if "Nice" in job:
        os.nice(job["Nice"])
    if "RootDirectory" in job:
        os.chroot(job["RootDirectory"])
    rights(job)
    os.chdir(job.get("WorkingDirectory", "/"))
    descriptors(job, stdio)
    arguments = job.get("ProgramArguments") or [job["Program"]]
    os.execve(job.get("Program") or arguments[0], arguments, values)


def limits(job):
    soft = {"NumberOfFiles": FILES, **job.get("SoftResourceLimits", {})}
    hard = job.get("HardResourceLimits", {})
    for key in {*soft, *hard}:
        # The host may not let anyone raise a hard limit.
        top = resource.getrlimit(LIMITS[key])[1]
        unlimited = top == resource.RLIM_INFINITY
        top = hard.get(key, top) if unlimited else min(hard.get(key, top), top)
        wanted = soft.get(key, top)
        resource.setrlimit(LIMITS[key], (wanted if top == resource.RLIM_INFINITY else min(wanted, top), top))


def rights(job):
    user = pwd.getpwnam(job["UserName"]) if "UserName" in job else None
    group = grp.getgrnam(job["GroupName"]).gr_gid if "GroupName" in job else None
    if group is None and user:
        group = user.pw_gid
    if group is not None:
        os.setgid(group)
    if user:
        if job.get("InitGroups", True):
            os.initgroups(user.pw_name, group)
        else:
            os.setgroups([group])
        os.setuid(user.pw_uid)


def descriptors(job, stdio):
    """Files are opened as the job's user, and only added to."""
    for number, key, flags in (
        (0, "StandardInPath", os.O_RDONLY),
        (1, "StandardOutPath", os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, "StandardErrorPath", os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        if key in job:
            source = os.open(job[key], flags, 0o666)
        elif stdio is not None:
            source = stdio
        else:
            source = os.open("/dev/null", os.O_RDWR)
        os.dup2(source, number, inheritable=True)
