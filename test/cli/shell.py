#!/usr/bin/env python3
"""The shell of `kappa sql` as somebody types at it: on a pseudo terminal, with another command beside it.

    shell.py                    KAPPA: the program (build/debug/kappa)
"""
import os, pty, re, select, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
KAPPA = os.path.abspath(os.environ.get("KAPPA", os.path.join(HERE, "../../build/debug/kappa")))
PROMPT = "kappa> "
MORE = "    -> "


class Shell:
    def __init__(self, data):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "dumb"
            os.execv(KAPPA, [KAPPA, "sql", "--data", data])

    def until(self, prompt):
        """What the terminal showed until the prompt."""
        got, end = "", time.monotonic() + 30
        while not got.endswith(prompt):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise SystemExit(f"shell.py: no {prompt!r} after {got!r}")
            got += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self.fd, 4096).decode())
        return got

    def type(self, line, prompt=PROMPT):
        os.write(self.fd, line.encode() + b"\n")
        return self.until(prompt)

    def leave(self):
        os.write(self.fd, b"\x04")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def check(what, ok, got):
    print("ok   " if ok else "FAIL ", what, "" if ok else repr(got))
    return bool(ok)


def main():
    good = True
    with tempfile.TemporaryDirectory() as top:
        sh = Shell(os.path.join(top, "data"))
        good &= check("says how to leave", "Ctrl-D" in (got := sh.until(PROMPT)), got)
        good &= check("a statement", "|42 |" in (got := sh.type("SELECT 40 + 2 AS x;")), got)
        sh.type("SELECT 1 +", MORE)
        good &= check("over two lines", "|43 |" in (got := sh.type("42 AS x;")), got)
        got = sh.type("SELECT 44 AS x; SELECT 40 +", MORE)
        good &= check("the first of two on a line", "|44 |" in got, got)
        good &= check("the second was kept", "|45 |" in (got := sh.type("5 AS x;")), got)
        good &= check("a mistake names its place", "line 1" in (got := sh.type("SELEC 1;")), got)
        sh.type("CREATE TEMPORARY VIEW v AS SELECT 46 AS x;")
        good &= check("a view stays", "|46 |" in (got := sh.type("SELECT * FROM v;")), got)
        beside = subprocess.run([KAPPA, "sql", "-e", "SELECT 47 AS x", "--data", os.path.join(top, "data")],
                                capture_output=True, text=True, timeout=30)
        good &= check("another command beside it", "47" in beside.stdout and not beside.returncode, beside)
        good &= check("Ctrl-D leaves", (got := sh.leave()) == 0, got)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
