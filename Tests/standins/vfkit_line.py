"""vfkit's command line, read as vfkit 0.6.4 does: pflag, cmd/vfkit, pkg/cmdline, pkg/config, pkg/rest, pkg/vf.

Three kinds of fault are told apart. A Refusal is vfkit's own, in the order in which vfkit comes upon them. framework.Invalid is
said by Virtualization.framework, and believed. Harm is what vfkit takes in silence.
"""

import os
import re

import framework
import golang
import machine
from vfkit_devices import Device, Harm, Refusal, device, pairs, require, unless

FLAGS = {
    "bootloader": "b", "cloud-init": "", "cpus": "c", "device": "d", "gui": "", "help": "h", "ignition": "", "initrd": "i",
    "kernel": "k", "kernel-cmdline": "C", "log-level": "", "memory": "m", "nested": "n", "pidfile": "", "restful-uri": "",
    "timesync": "t", "version": "v",
}  # fmt: skip
SHORT = {short: name for name, short in FLAGS.items() if short}
SWITCHES = {"gui", "help", "nested", "version"}
SOCKET_PATH = 103  # bytes: sockaddr_un of macOS has 104


class CommandLine:
    def __init__(self, words):
        self.given = {}
        self.operands = []
        self.boot = []
        self.cloud_init = []
        self.words_of_devices = []
        self.values = {"cpus": 1, "memory": 512, "nested": False, "help": False, "version": False}
        self.flags(list(words))
        if not self.values["help"] and not self.values["version"]:
            self.groups()
            self.read()

    def flags(self, words):
        """pflag: flags and operands in any order, short flags in one word, '--' ends them."""
        while words:
            word = words.pop(0)
            if word == "--":
                self.operands += words
                return
            if word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                require(name and name[0] not in "-=", f"bad flag syntax: {word}")
                require(name in FLAGS, f"unknown flag: --{name}")
                if not equals:
                    value = self.next_value(name, words, word)
                self.set(name, value)
            elif word.startswith("-") and word != "-":
                self.short_flags(word[1:], words)
            else:
                self.operands.append(word)

    def short_flags(self, letters, words):
        while letters:
            name, rest = SHORT.get(letters[0]), letters[1:]
            require(name, f"unknown shorthand flag: '{letters[0]}' in -{letters}")
            if len(letters) > 2 and rest[0] == "=":
                return self.set(name, rest[1:])
            if name in SWITCHES:
                self.set(name, "true")
                letters = rest
            else:
                return self.set(name, rest or self.next_value(name, words, "-" + letters))

    def next_value(self, name, words, word):
        if name in SWITCHES:
            return "true"
        require(words, f"flag needs an argument: {word}")
        return words.pop(0)

    def set(self, name, value):
        self.given[name] = value
        if name in ("cpus", "memory"):
            self.values[name] = golang.number(value)
        elif name in SWITCHES:
            self.values[name] = golang.boolean(value)
        elif name == "bootloader":
            self.boot += quoted(value)
        elif name == "cloud-init":
            self.cloud_init += quoted(value)
        elif name == "device":
            self.words_of_devices.append(value)

    def groups(self):
        """cobra's: all of the three, or none, or a boot loader."""
        legacy = {"kernel", "initrd", "kernel-cmdline"} & set(self.given)
        require(len(legacy) in (0, 3), "if any flags in the group [kernel initrd kernel-cmdline] are set they must all be set")
        require(not legacy or "bootloader" not in self.given, "if any flags in the group [kernel bootloader] are set none of the others can be")

    def read(self):
        given = self.given.get
        require(given("log-level", "") in ("", "error", "info", "debug"), f"unknown log level: {given('log-level')}")
        if given("kernel") or given("initrd") or given("kernel-cmdline"):
            self.boot = ["linux", f"kernel={given('kernel')}", f"initrd={given('initrd')}", f"cmdline={given('kernel-cmdline')}"]
        self.loader = loader(self.boot)
        old = machine.has("host=m2") or machine.has("host=intel")
        require(not self.values["nested"] or not old, "nested virtualization is not supported")
        self.timesync(given("timesync", ""))
        self.seed()
        if given("pidfile"):
            with open(given("pidfile"), "w") as file:
                file.write(str(os.getpid()))
        self.devices = [device(words) for words in self.words_of_devices]
        require("," not in given("ignition", ""), "ignition only accepts one option in command line argument")

    def timesync(self, text):
        port = None
        for key, value in pairs(text.split(",")):
            require(key == "vsockPort", f"unknown option for timesync parameter: {key}")
            port = golang.port(value)
        require(not text or port, "missing 'vsockPort' option for timesync parameter")

    def seed(self):
        names = set()
        for path in filter(None, self.cloud_init):
            with open(path, "rb"):
                names.add(os.path.basename(path))
        require(not self.cloud_init or names & {"user-data", "meta-data"}, "cloud-init needs user-data and meta-data files to work")

    def harms(self):
        """What vfkit would take; called before anything is done."""
        unless(self.operands, f"it has no use for operands: {self.operands}")
        self.loader.harms()
        for each in self.devices:
            each.harms()
        unless(not self.of("virtio-blk"), "no disk")
        unless(self.values["memory"] >= 1 << 44, "its bytes are more than 64 bits can tell")
        rest(self.given.get("restful-uri", "none://"))
        url = golang.URL(self.given.get("restful-uri", "none://"), is_request=True)
        unless(url.scheme == "unix" and url.query, "what follows '?' is not a part of the socket's name")
        unless(url.scheme in ("tcp", "http"), "every user of this host may stop the machine")

    def configure(self):
        """Makes the machine. What is written by then stays, even if it comes to nothing."""
        self.loader.configure()
        for each in self.devices:
            each.configure()
            require(each.kind != "rosetta" or not machine.has("host=bare"), "rosetta is not installed")
            require(each.kind != "rosetta" or not machine.has("host=intel"), "rosetta is unsupported on non-arm64 platforms")
        tags = [each.tag for each in self.devices if hasattr(each, "tag")]
        framework.validate(self.values["cpus"], self.values["memory"], tags)
        self.rest = rest(self.given.get("restful-uri", "none://"))

    def of(self, kind):
        return [each for each in self.devices if each.kind == kind]

    @property
    def images(self):
        return [each.image for each in self.devices if hasattr(each, "image")]


def quoted(text):
    """Items between commas, but for those in double quotes, which are taken away where they enclose a whole item."""
    items, item, inside = [], "", False
    for letter in text:
        if letter == "," and not inside:
            items.append(item)
            item = ""
            continue
        inside ^= letter == '"'
        item += letter
    require(not inside, 'mismatched "')
    last = unquoted(item)
    return [unquoted(each) for each in items] + ([last] if items or last else [])


def unquoted(item):
    return item.strip('"') if item.startswith('"') and item.endswith('"') else item


class Firmware(Device):
    values = ("variable-store",)
    bare = ("create",)

    def harms(self):
        self.store = getattr(self, "variable-store")
        unless(self.create and os.path.exists(self.store), f"'create' would wipe {self.store}")

    def configure(self):
        if self.create:
            with open(self.store, "wb") as file:
                file.write(framework.new_variables())
        require(os.path.exists(self.store), f"stat {self.store}: no such file or directory")
        framework.require(os.path.isfile(self.store) and os.path.getsize(self.store), "EFI variable store")


class Linux(Device):
    values = ("kernel", "initrd", "cmdline")

    def configure(self):
        """pkg/vf/bootloader.go, which looks at the kernel on an arm64 host alone."""
        with open(self.kernel, "rb") as file:
            head = file.read(2048)
        require(head, "EOF")
        is_plain = machine.has("host=intel") or head[0x38:0x3C] == b"ARM\x64"
        require(is_plain, f"kernel must be uncompressed, {self.kernel} is a compressed file")
        require(os.path.exists(self.initrd), f"invalid initial RAM disk path: stat {self.initrd}: no such file or directory")


class MacOS(Device):
    values = ("machineIdentifierPath", "hardwareModelPath", "auxImagePath")

    def harms(self):
        unless(True, "the stand-in has no macOS guest")


def loader(items):
    require(items, "empty option list in --bootloader command line argument")
    kinds = {"efi": Firmware, "linux": Linux, "macos": MacOS}
    require(items[0] in kinds, f"unknown bootloader type: {items[0]}")
    return kinds[items[0]](items[0], pairs(items[1:]))


def rest(text):
    """The socket's path, or None: pkg/rest/rest.go."""
    if text == "none://":
        return None
    url = golang.URL(text, is_request=True)
    require(url.scheme in ("unix", "tcp", "http", "none"), f"invalid scheme {url.scheme}")
    require(url.scheme != "none", "<nil>")
    if url.scheme != "unix":
        require(re.search(":[0-9]+$", url.host) and not url.path, "invalid TCP uri")
        return None
    require(url.path, "invalid unix uri: missing path")
    require(not url.host, "invalid unix uri: host is forbidden")
    require(len(os.fsencode(url.path)) <= SOCKET_PATH, "invalid unix uri: socket path length exceeds macOS limits")
    return url.path
