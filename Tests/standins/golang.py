"""How Go's library reads numbers, addresses and URLs, which is how vfkit does: strconv, net.ParseMAC, net/url."""

import os
import re

HEX = "[0-9a-fA-F]"


class Unreadable(Exception):
    pass


def number(text):
    """strconv.ParseUint(text, 0, 64), as pflag reads a uint: 0x10, 0b1, 017 and 1_000 are numbers too."""
    digits = f"0[xX](_?{HEX})+|0[bB](_?[01])+|0([oO]?(_?[0-7])+)?|[1-9](_?[0-9])*"
    if not re.fullmatch(digits, text):
        raise Unreadable(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    bare = text.replace("_", "")
    value = int(bare, 8 if re.fullmatch("0[0-7]*", bare) else 0)
    if value >= 1 << 64:
        raise Unreadable(f'strconv.ParseUint: parsing "{text}": value out of range')
    return value


def port(text):
    """strconv.ParseUint(text, 10, 32)."""
    if not re.fullmatch("[0-9]+", text) or int(text) >= 1 << 32:
        raise Unreadable(f'strconv.ParseUint: parsing "{text}": invalid syntax or out of range')
    return int(text)


def integer(text, bits=64):
    """strconv.Atoi, or ParseInt with base 10."""
    if not re.fullmatch("[+-]?[0-9]+", text) or not -(1 << bits - 1) <= int(text) < 1 << bits - 1:
        raise Unreadable(f'strconv.Atoi: parsing "{text}": invalid syntax or out of range')
    return int(text)


def boolean(text):
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise Unreadable(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def hardware_address(text):
    """net.ParseMAC: six, eight or twenty bytes in three spellings."""
    for pair, separator, counts in ((2, ":", (6, 8, 20)), (2, "-", (6, 8, 20)), (4, "[.]", (3, 4, 10))):
        for count in counts:
            group = HEX + "{%d}" % pair
            if re.fullmatch(f"{group}({separator}{group}){{{count - 1}}}", text):
                return bytes.fromhex(re.sub("[:.-]", "", text))
    raise Unreadable(f"address {text}: invalid MAC address")


class URL:
    """url.Parse, or url.ParseRequestURI, which knows no fragment. Names are bytes with surrogates, as in os.fsdecode."""

    def __init__(self, text, is_request=False):
        self.scheme = self.host = self.path = self.raw_path = ""
        if not is_request:
            text, _, fragment = text.partition("#")
            unescape(fragment)
        if re.search("[\x00-\x1f\x7f]", text):
            raise Unreadable(f"parse {text!r}: net/url: invalid control character in URL")
        if not text:
            raise Unreadable('parse "": empty url')
        if text.startswith(":"):
            raise Unreadable(f'parse "{text}": missing protocol scheme')
        rest = text
        if found := re.match("([a-zA-Z][a-zA-Z0-9+.-]*):", text):
            self.scheme = found[1].lower()
            rest = text[found.end() :]
        rest, _, self.query = rest.partition("?")
        if not rest.startswith("/"):
            if not self.scheme and is_request:
                raise Unreadable(f'parse "{text}": invalid URI for request')
            if self.scheme:
                return  # opaque: it has no path
        if rest.startswith("//") and self.scheme:
            authority, slash, rest = rest[2:].partition("/")
            rest = slash + rest
            user, _, self.host = authority.rpartition("@")
            unescape(user)
            if not re.fullmatch("[a-zA-Z0-9._:~!$&'()*+,;=%@-]*", user):
                raise Unreadable(f'parse "{text}": net/url: invalid userinfo')
            name, colon, number_ = self.host.rpartition("]" if self.host.startswith("[") else ":")
            is_number = re.fullmatch("[0-9]*" if colon == ":" else "(:[0-9]*)?", number_)
            if colon and not is_number or self.host.startswith("[") and not colon or re.search(r"[ \\^`{|}%]", self.host):
                raise Unreadable(f'parse "{text}": invalid port or character in host name')
        self.raw_path = rest
        self.path = unescape(rest)

    def escaped_path(self):
        """URL.EscapedPath: as it was written if that is a valid spelling of the path, or else in Go's own."""
        if all(byte in b"!$&'()*+,;=:@[]%/" or is_plain(byte) for byte in os.fsencode(self.raw_path)):
            return self.raw_path
        return "".join(
            chr(byte) if byte in b"$&+,/:;=@" or is_plain(byte) else "%%%02X" % byte for byte in os.fsencode(self.path)
        )


def is_plain(byte):
    return chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-_.~")


def unescape(text):
    if bad := re.search(f"%(?!{HEX}{HEX})", text):
        raise Unreadable(f'invalid URL escape "{text[bad.start() : bad.start() + 3]}"')
    named = re.sub(b"%([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), os.fsencode(text))
    return os.fsdecode(named)
