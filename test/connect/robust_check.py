"""What a hostile or unlucky client may do, while another session works on: floods, plans of any depth, messages of any size,
readers that do not read, sessions that are dropped. Nothing here depends on how fast the machine is."""
import json, os, socket, struct, subprocess, sys, threading, time, uuid
import grpc
from check import *
from pyspark.sql import SparkSession
import pyspark.sql.connect.proto as pb2

url = os.environ["SPARK_REMOTE"]
host, port = url[5:].split(":")
SERVICE = "/spark.connect.SparkConnectService/"
MIB = 1 << 20
def rss(): return int(next(l for l in open(f"/proc/{os.environ['CHECK_SERVER']}/status") if l.startswith("VmRSS")).split()[1]) // 1024

# The bystander, a process of its own: its queries never fail and never stand still.
bystander = SparkSession.builder.remote(url).create()
watching = subprocess.Popen([sys.executable, "-c", f"""
import json, signal, sys, time
from pyspark.sql import SparkSession
over, answers = [], []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
spark = SparkSession.builder.remote("{url}").create()
spark.range(1).collect()
print("ready", flush=True)
while not over:
    asked = time.monotonic()
    assert spark.sql("select 40 + 2").collect()[0][0] == 42
    answers.append(time.monotonic() - asked)
    time.sleep(0.02)
print(json.dumps(answers))
"""], stdout=subprocess.PIPE, text=True)
same(watching.stdout.readline(), "ready\n")

def channel(): return grpc.insecure_channel(f"{host}:{port}", options=[("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1),
                                                                      ("grpc.use_local_subchannel_pool", 1)])
raw = lambda x: x
def varint(n):
    out = b""
    while n > 127: out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])
def sub(no, body): return varint(no << 3 | 2) + varint(len(body)) + body
def request(plan, session=None): # of ExecutePlan, a plan's bytes
    return sub(1, (session or str(uuid.uuid4())).encode()) + sub(2, sub(1, b"x")) + sub(3, plan)
def execute(plan, timeout=60):
    with channel() as c:
        try: return list(c.unary_stream(SERVICE + "ExecutePlan", raw, raw)(request(plan), timeout=timeout))
        except grpc.RpcError as e: return e
def refused(got, *codes):
    holds(isinstance(got, grpc.RpcError), f"no error: {str(got)[:100]}")
    holds(got.code().name in codes, f"{got.code()} {got.details()[:200]}")

# Depth: relations, expressions, types.
base = sub(15, struct.pack("<BBBB", 16, 3, 24, 1)) # range(0, 3, 1)
def nest(wrap, inner, n):
    for _ in range(n): inner = wrap(inner)
    return inner
limit = lambda r: sub(8, sub(1, r) + b"\x10\x05")                                             # Limit
negate = lambda e: sub(4, sub(1, b"negative") + sub(2, e))                                    # UnresolvedFunction
array = lambda t: sub(16, sub(1, t))                                                          # DataType.Array
same(len(execute(sub(1, nest(limit, base, 20)))) > 0, True)
for depth in (1_000, 10_000):
    for plan in (nest(limit, base, depth),
                 sub(3, sub(1, base) + sub(3, nest(negate, sub(1, b"\x30\x01"), depth))),     # Project
                 sub(3, sub(1, base) + sub(3, sub(6, sub(1, sub(1, b"\x30\x01")) + sub(2, nest(array, sub(7, b""), depth)))))):
        got = execute(sub(1, plan))
        if isinstance(got, list): holds(got)
        else: refused(got, "INTERNAL", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")

# Size: what is above the limit is refused by its length, what is below it is held only while it is looked at.
before = rss()
refused(execute(b"x" * (129 * MIB)), "RESOURCE_EXHAUSTED")
def big():
    got.append(execute(b"x" * (120 * MIB)))
got = []
threads = [threading.Thread(target=big) for _ in range(6)]
for t in threads: t.start()
for t in threads: t.join(120)
same(len(got), 6)
for g in got: refused(g, "INTERNAL", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")
eventually(lambda: rss() - before < 200, f"memory is given back: {before} MiB before, now {rss()}", 20)
# A length without its message reserves nothing.
class Raw: # frames of HTTP/2, by hand
    def __init__(self):
        self.s = socket.create_connection((host, int(port)))
        self.s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.frame(4, 0, 0, b"")
    def frame(self, type_, flags, stream, body): self.s.sendall(struct.pack(">I", len(body))[1:] + bytes([type_, flags]) + struct.pack(">I", stream) + body)
    def head(self, path): # not indexed, plain
        field = lambda n, v: b"\0" + bytes([len(n)]) + n + bytes([len(v)]) + v
        return b"\x83\x86" + field(b":path", path.encode()) + field(b":authority", b"x") + field(b"content-type", b"application/grpc") + field(b"te", b"trailers")
    def call(self, stream, flags=4, path=SERVICE + "ExecutePlan"): self.frame(1, flags, stream, self.head(path))
    def ends(self, seconds=20): # the server closes it
        self.s.settimeout(seconds)
        try:
            while self.s.recv(MIB): pass
        except ConnectionError: pass
        except TimeoutError: return False
        return True
def virtual(): return int(next(l for l in open(f"/proc/{os.environ['CHECK_SERVER']}/status") if l.startswith("VmSize")).split()[1]) // 1024
vm, liars = virtual(), [Raw() for _ in range(4)]
for r in liars:
    for i in range(100):
        r.call(2 * i + 1)
        r.frame(0, 0, 2 * i + 1, b"\0" + struct.pack(">I", 127 * MIB) + b"x" * 10)
same(bystander.range(3).count(), 3)
holds(virtual() - vm < 8_000, f"{vm} MiB of addresses, then {virtual()}")
for r in liars: r.s.close()

# Floods: resets, continuations of a head without an end, settings, pings whose answers are not read.
def flooded(send, what, n=200_000):
    r = Raw()
    try:
        for i in range(n): send(r, i)
        ended = r.ends()
    except OSError: ended = True
    holds(ended, what)
def reset(r, i):
    r.call(2 * i + 1)
    r.frame(3, 0, 2 * i + 1, struct.pack(">I", 8))
flooded(reset, "a flood of resets", 20_000)
def continue_(r, i):
    if i == 0: r.call(1, flags=0)
    else: r.frame(9, 0, 1, b"\0\x01a\x7f\x81\x00" + b"b" * 256)
flooded(continue_, "a flood of continuations", 20_000)
flooded(lambda r, i: r.frame(6, 0, 0, b"12345678"), "a flood of pings")
flooded(lambda r, i: r.frame(4, 0, 0, struct.pack(">HI", 4, 65535)), "a flood of settings")

# Readers that do not read hold a bounded piece of their result; their queries wait, others do not.
before = rss()
slow = []
for _ in range(6):
    c = channel()
    rows = sub(10, sub(1, b"select id, repeat('x', 1000) s from range(3000000)"))             # SQL
    stream = c.unary_stream(SERVICE + "ExecutePlan", raw, raw)(request(sub(1, rows)))
    next(stream)
    slow.append((c, stream))
same(bystander.sql("select count(*) from range(100000)").collect()[0][0], 100_000)
def still(): # what they hold does not grow any more
    held = rss()
    time.sleep(1)
    return abs(rss() - held) < 2
eventually(still, "a reader that does not read stops its query", 30)
holds(rss() - before < 6 * 200, f"{before} MiB before, now {rss()}") # a round of rows of 1 KB, and 16 MiB of answers
for c, stream in slow:
    stream.cancel()
    c.close()
eventually(lambda: rss() - before < 150, f"given back: {before} MiB before", 30)

# Killed in the middle of a result, again and again.
dying = f"""
import os
from pyspark.sql import SparkSession
s = SparkSession.builder.remote("{url}").getOrCreate()
for i, r in enumerate(s.sql("select id, repeat('x', 1000) x from range(2000000)").toLocalIterator()):
    if i > 1000: os.kill(os.getpid(), 9)
"""
children = [subprocess.Popen([sys.executable, "-c", dying], stderr=subprocess.DEVNULL) for _ in range(4)]
for c in children: same(c.wait(120), -9)

# 1,000 sessions come and go; those of clients that vanish stay until they are idle, and are small.
with channel() as c:
    analyze, release = (c.unary_unary(SERVICE + m, raw, raw) for m in ("AnalyzePlan", "ReleaseSession"))
    def visit(leave):
        head = sub(1, str(uuid.uuid4()).encode()) + sub(2, sub(1, b"x"))
        analyze(head + sub(10, b""))                                                          # spark_version
        if leave: release(head)
    for _ in range(100): visit(True)
    before = rss()
    for _ in range(1000): visit(True)
    holds(rss() - before < 8, f"{before} MiB, then {rss()} after 1,000 sessions")
    before = rss()
    for _ in range(1000): visit(False)
    holds(rss() - before < 100, f"{before} MiB, then {rss()} with 1,000 sessions more")

watching.terminate()
answers = sorted(json.loads(watching.communicate(timeout=60)[0]))
same(watching.returncode, 0)
holds(len(answers) > 20 and answers[-1] < 30, f"{len(answers)} answers, the slowest after {answers[-1]:.1f} s")
print(f"the bystander: {len(answers)} answers, median {answers[len(answers) // 2] * 1000:.0f} ms, slowest {answers[-1] * 1000:.0f} ms")
bystander.stop()
