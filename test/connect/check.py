"""What the checks share: a session, expectations that say what they saw, a count at the end."""
import atexit, os, sys, traceback
from pyspark.sql import SparkSession

count = 0

def session(**conf):
    b = SparkSession.builder.appName("check")
    for k, v in conf.items():
        b = b.config(k.replace("__", "."), v)
    return b.getOrCreate()

def same(got, want, what=""):
    global count
    count += 1
    if got != want:
        raise AssertionError(f"{what}\n  got  {got!r}\n  want {want!r}")

def holds(ok, what=""):
    same(bool(ok), True, what)

def fails(call, cls, condition=None, state=None, text=None):
    """call raises cls with this error condition, SQLSTATE and piece of text."""
    try:
        got = call()
    except Exception as e:
        same(type(e).__name__, cls, str(e)[:300])
        if condition: same(e.getCondition(), condition)
        if state: same(e.getSqlState(), state)
        if text: holds(text in str(e), str(e)[:500])
        return e
    raise AssertionError(f"no {cls}: {got!r}")

def eventually(ask, what, seconds=10):
    import time
    for _ in range(int(seconds * 50)):
        if ask(): return holds(True)
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")

def give_up(*what):
    traceback.print_exception(*what)
    sys.stderr.flush()
    os._exit(1)  # the threads of a listener would be waited for

sys.excepthook = give_up

@atexit.register
def tell():
    print(f"ok {sys.argv[0].split('/')[-1]}: {count} checks", flush=True)
    os._exit(0)  # gRPC's calls may wait for ever for threads that Python has stopped, when it takes them apart
