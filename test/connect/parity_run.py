"""Runs one test module of PySpark and prints a line a test: PASS, FAIL, ERROR or SKIP, its name, the first line of the reason.
parity_run.py MODULE [PART]    PART: only tests whose name holds it. Used by parity.sh."""
import faulthandler, sys, time, unittest

class Lines(unittest.TestResult):
    seen = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.time()
        faulthandler.dump_traceback_later(60, exit=False)

    def say(self, word, test, err=None):
        faulthandler.cancel_dump_traceback_later()
        name, text = ".".join(test.id().split(".")[-2:]), ""
        if err:
            lines = str(err[1]).strip().split("\n")
            text = f"{err[0].__name__}: {lines[0]}"
            print("\n".join("    " + x for x in self._exc_info_to_string(err, test).strip().split("\n")[-16:])[:3000])
        print(f"{word} {name} {text}".rstrip() + f"  [{time.time() - getattr(self, 'began', time.time()):.1f} s]" * (not err), flush=True)
        self.seen += 1

    def addSuccess(self, test): self.say("PASS", test)
    def addError(self, test, err): self.say("ERROR", test, err)
    def addFailure(self, test, err): self.say("FAIL", test, err)
    def addSkip(self, test, reason): self.say("SKIP", test)
    def addExpectedFailure(self, test, err): self.say("PASS", test)
    def addSubTest(self, test, subtest, err):
        if err: self.say("FAIL", test, err)

def tests_of(suite):
    for t in suite:
        if isinstance(t, unittest.TestSuite): yield from tests_of(t)
        else: yield t

suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
part = sys.argv[2] if len(sys.argv) > 2 else ""
result = Lines()
unittest.TestSuite(t for t in tests_of(suite) if part in t.id().split(".")[-1]).run(result)
print(f"ran {result.seen}", flush=True)
