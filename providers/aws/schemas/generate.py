"""Packs a dump of provider schemas into the one file that windlass-api's `schema::pack` reads.

usage: generate.py DUMP.jsonl.gz PROVIDER.json OUTPUT.pack

DUMP has one JSON object a line, one a type: type, kind ("resource" or "data"), schema_version, importable,
timeouts_minutes, attributes, blocks. PROVIDER is one such object of kind "provider". Only the standard library is used, and
the same input gives the same bytes.

The file: magic "WLPACK01" | u32 length of the index (little-endian) | index | chunks. Index and chunks are zlib streams. The index
is JSON: {"chunks": [[offset, length], …], "resource": {TYPE: [chunk, offset, length], …}, "data": {…}, "provider": {…}}; chunk
offsets count from the end of the index, the others count bytes of the inflated chunk. A schema is compact JSON, by the letters of
`schema/wire.rs`.
"""

import gzip
import json
import re
import struct
import sys
import zlib

CHUNK_BYTES = 96 * 1024

# Time limits that the provider's source names by a constant; minutes.
NAMED_MINUTES = {"vpcEndpointCreationTimeout": 10, "amiRetryTimeout": 40, "amiDeleteTimeout": 90}

# Defaults that the provider's source names by a constant whose value its name does not tell.
NAMED_DEFAULTS = {"awstypes.TenancyDefault": "default", "defaultWarmPoolMaxGroupPreparedCapacity": -1}

FLAGS = [("required", "r"), ("optional", "o"), ("computed", "c"), ("sensitive", "s"), ("write_only", "w"), ("deprecated", "p")]


def normal(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def default_of(attribute):
    """The default, where the dump has it or where its name of a Go constant ends in one of the allowed values."""
    if "default" in attribute:
        return attribute["default"]
    if attribute.get("default_expr") in NAMED_DEFAULTS:
        return NAMED_DEFAULTS[attribute["default_expr"]]
    expression = normal(attribute.get("default_expr", "").rsplit(".", 1)[-1])
    matches = [value for value in attribute.get("enum", []) if normal(value) and expression.endswith(normal(value))]
    return max(matches, key=len) if matches else None


def siblings(names, prefix, body):
    """Names that are attributes of the same body, or None if one is not: the rule then spans bodies and is left to the provider."""
    found = []
    for name in names:
        path = name.replace(".0.", ".").split(".")
        if path[:-1] != prefix or path[-1] not in body:
            return None
        found.append(path[-1])
    return found


def type_of(attribute):
    """The type; a few types newer than the dump have attributes without one, whose default may tell."""
    known = {bool: "bool", int: "number", float: "number", str: "string"}
    return attribute["type"] or known.get(type(attribute.get("default")), "dynamic")


def pack_attribute(name, attribute, prefix, body):
    flags = "".join(letter for key, letter in FLAGS if attribute.get(key))
    if attribute.get("force_new") is True:
        flags += "f"
    packed = {"t": type_of(attribute), "f": flags}
    if packed["t"] == "string" and attribute.get("enum"):
        packed["e"] = attribute["enum"]
    default = default_of(attribute)
    if isinstance(default, (str, int, float, bool)) and packed["t"] in ("string", "number", "bool"):
        packed["d"] = default
    conflicts = [other for names in attribute.get("conflicts_with", []) for other in siblings([names], prefix, body) or []]
    if conflicts:
        packed["c"] = [other for other in conflicts if other != name]
    exactly = siblings(attribute.get("exactly_one_of", []), prefix, body)
    if exactly:
        packed["x"] = exactly
    packed["n"] = attribute.get("description", "")
    return packed


def pack_body(source, prefix):
    attributes = source.get("attributes", {})
    packed = {"a": {name: pack_attribute(name, attributes[name], prefix, attributes) for name in sorted(attributes)}}
    blocks = {}
    for name, block in sorted(source.get("blocks", {}).items()):
        flags = ("f" if block.get("force_new") is True else "") + ("c" if block.get("computed") else "")
        entry = {"k": block["nesting"], "f": flags, "m": [block.get("min", 0), block.get("max", 0)]}
        entry.update(pack_body(block, prefix + [name]))
        blocks[name] = entry
    if blocks:
        packed["b"] = blocks
    if source.get("deprecated"):
        packed["p"] = True
    return packed


def pack_schema(source):
    packed = {"v": source.get("schema_version", 0)}
    if source.get("importable"):
        packed["i"] = True
    if source.get("timeouts_minutes"):
        timeouts = {name: NAMED_MINUTES.get(minutes, minutes) for name, minutes in source["timeouts_minutes"].items()}
        packed["t"] = {name: int(minutes * 60) for name, minutes in timeouts.items() if isinstance(minutes, (int, float))}
    packed.update(pack_body(source, []))
    return packed


def main(dump, provider, output):
    with gzip.open(dump, "rt", encoding="utf-8") as lines:
        sources = [json.loads(line) for line in lines]
    with open(provider, encoding="utf-8") as text:
        sources.append(json.load(text))
    sources.sort(key=lambda source: (source["kind"], source["type"]))
    index = {"chunks": [], "resource": {}, "data": {}, "provider": {}}
    chunks, chunk = [], b""
    for position, source in enumerate(sources):
        schema = json.dumps(pack_schema(source), separators=(",", ":"), ensure_ascii=False).encode()
        index[source["kind"]][source["type"]] = [len(chunks), len(chunk), len(schema)]
        chunk += schema
        if len(chunk) >= CHUNK_BYTES or position + 1 == len(sources):
            chunks.append(zlib.compress(chunk, 9))
            chunk = b""
    offset = 0
    for data in chunks:
        index["chunks"].append([offset, len(data)])
        offset += len(data)
    head = zlib.compress(json.dumps(index, separators=(",", ":")).encode(), 9)
    with open(output, "wb") as file:
        file.write(b"WLPACK01" + struct.pack("<I", len(head)) + head + b"".join(chunks))
    print(f"{len(sources)} schemas, {12 + len(head) + offset} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
