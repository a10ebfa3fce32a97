#!/usr/bin/env python3
"""Requests and answers of Kafka's protocol, encoded from Kafka's own message schemas (as kafka-python 3 ships
them), one a version that kappa offers: the byte vectors of src/wire/kafka_*_test.c.
   kafka_vectors.py FOLDER_OF_SCHEMAS request|response > vectors.h
A field's value follows from its name: integers are 1000 + the sum of its letters (of int16: 100 + sum mod 100), strings
its name; in the i-th element of an array plus i. `fixed` says what an answer of kappa always has."""
import json, re, struct, sys, pathlib

APIS = re.findall(r"X\((\w+), (\w+), (\d+), (\d+), (\d+), (\d+)\)", pathlib.Path("src/wire/kafka_wire.h").read_text())
FILES = {"Produce": "Produce", "Fetch": "Fetch"}

def load(folder, name):
    text = (folder / f"{name}.json").read_text()
    return json.loads("\n".join(re.sub(r"^\s*//.*$", "", line) for line in text.splitlines()))

def covers(spec, version):
    if spec in (None, "none"): return False
    lo, _, hi = spec.partition("-")
    if spec.endswith("+"): return version >= int(spec[:-1])
    return int(lo) <= version <= int(hi or lo)

def letters(name): return sum(map(ord, name))
def uvarint(n):
    out = b""
    while n >= 128: out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])

class Encoder:
    def __init__(self, schema, version, fixed):
        self.v, self.fixed = version, fixed
        self.flex = covers(schema.get("flexibleVersions"), version)
        self.common = {s["name"]: s for s in schema.get("commonStructs", [])}
    def length(self, n, size):
        return uvarint(n + 1) if self.flex else struct.pack(">h" if size == 2 else ">i", n)
    def struct(self, fields, i):
        out = b"".join(self.field(f, i) for f in fields if covers(f["versions"], self.v) and not covers(f.get("taggedVersions"), self.v))
        return out + (b"\0" if self.flex else b"")
    def field(self, f, i):
        name, kind = f["name"], f["type"]
        if name in self.fixed and self.fixed[name] is None: return self.length(-1, 2 if kind == "string" else 4)
        if kind.startswith("[]"):
            n = self.fixed.get(name, 2)
            if isinstance(n, list): return self.length(len(n), 4) + b"".join(self.value(f, kind[2:], x, 0) for x in n)
            return self.length(n, 4) + b"".join(self.value(f, kind[2:], None, k) for k in range(n))
        return self.value(f, kind, self.fixed.get(name), i)
    def value(self, f, kind, fixed, i):
        name, n = f["name"], 1000 + letters(f["name"]) + i
        if kind == "bool": return bytes([1 if fixed is None else fixed])
        if kind == "int8": return struct.pack(">b", 1 if fixed is None else fixed)
        if kind == "int16": return struct.pack(">h", 100 + letters(name) % 100 + i if fixed is None else fixed)
        if kind == "int32": return struct.pack(">i", n if fixed is None else fixed)
        if kind == "int64": return struct.pack(">q", n if fixed is None else fixed)
        if kind == "uuid": return bytes(range(16))
        if kind in ("string", "bytes", "records"):
            s = (fixed if fixed is not None else f"{name}{i}").encode()
            return self.length(len(s), 2 if kind == "string" else 4) + s
        fields = f.get("fields") or self.common[kind]["fields"]
        return self.struct(fields, i)

NODE = {"NodeId": 1, "BrokerId": 1, "Host": "Host0", "Port": 9092, "Rack": None, "ClusterId": "ClusterId0", "ControllerId": 1}
EVERY = {"ThrottleTimeMs": 0}
ANSWERS = {
    "Produce": {"RecordErrors": 0, "ErrorMessage": None},
    "Fetch": {"ErrorCode": 0, "SessionId": 0, "AbortedTransactions": 0, "PreferredReadReplica": -1, "Responses": 1, "Partitions": 1, "PartitionIndex": 7,
              "Records": "records", "HighWatermark": 5, "LastStableOffset": 5},
    "ListOffsets": {"OldStyleOffsets": 1},
    "Metadata": NODE | {"Brokers": 1, "IsInternal": 0, "ErrorCode": 0, "LeaderId": 1, "ReplicaNodes": [1], "IsrNodes": [1], "OfflineReplicas": 0,
                        "TopicAuthorizedOperations": -2**31, "ClusterAuthorizedOperations": -2**31, "PartitionIndex": 0, "Partitions": 1, "LeaderEpoch": 3},
    "DescribeCluster": NODE | {"Brokers": 1, "ErrorCode": 0, "ErrorMessage": None, "EndpointType": 1, "ClusterAuthorizedOperations": -2**31},
    "FindCoordinator": NODE | {"ErrorCode": 0, "ErrorMessage": None},
    "CreateTopics": {"ErrorCode": 0, "ErrorMessage": None, "Configs": 0, "ReplicationFactor": 1},
    "DeleteTopics": {}, "CreatePartitions": {},
    "DescribeConfigs": {"IsSensitive": 0, "Synonyms": 0, "Source": 5, "ReadOnly": 1, "IsDefault": 1, "ConfigSource": 5, "ConfigType": 5,
                        "ResourceType": 2, "ErrorCode": 0, "ErrorMessage": None, "Configs": 1, "Results": 1},
    "DescribeGroups": {"AuthorizedOperations": -2**31}, "ListGroups": {"ErrorCode": 0},
}
REQUESTS = {"CreateTopics": {"Assignments": 0}, "CreatePartitions": {"Assignments": None}, "IncrementalAlterConfigs": {"ConfigOperation": 2},
            "FindCoordinator": {"KeyType": 0}}

def main():
    folder, what = pathlib.Path(sys.argv[1]), sys.argv[2]
    for const, noun, key, lo, hi, flex in APIS:
        name = "".join(w.capitalize() for w in noun.split("_"))
        if name == "ApiVersions" and what == "response": continue
        schema = load(folder, name + what.capitalize())
        for v in range(int(lo), int(hi) + 1):
            if what == "response" and name == "Produce" and v < 0: continue
            fixed = EVERY | ANSWERS.get(name, {}) if what == "response" else REQUESTS.get(name, {})
            data = Encoder(schema, v, fixed).struct(schema["fields"], 0).hex()
            lines = [data[i:i + 76] for i in range(0, len(data), 76)] or [""]
            print(f"    {{KAFKA_KEY_{const}, {v}, STR_INIT(" + "\n              ".join(f'"{x}"' for x in lines) + ")},")
main()
