"""What Chantier hears of unittest: one JSON line per event. See the manual of unittest, "Test Discovery" and "TestResult".

Discovery imports the test modules, as `python -m unittest discover` does; with --list no test is run.
"""
import argparse
import io
import json
import os
import signal
import sys
import time
import unittest

OUT = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
HERE = os.getcwd()


def tell(kind, **what):
    OUT.write(json.dumps({"chantier": kind, **what}) + "\n")
    OUT.flush()


def relative(path):
    path = os.path.abspath(path)
    return os.path.relpath(path, HERE) if path.startswith(HERE + os.sep) else path


def tidy(text):
    return text.replace(HERE + os.sep, "")


def file_of(module, top):
    """The file of a module by its dotted name, imported or not."""
    path = getattr(sys.modules.get(module), "__file__", None)
    if path:
        return relative(path)
    path = os.path.join(top, *module.split("."))
    for guess in (path + ".py", os.path.join(path, "__init__.py")):
        if os.path.exists(guess):
            return relative(guess)
    return relative(path + ".py")


def id_of(test, top):
    kind = type(test)
    test = getattr(test, "test_case", test)
    if kind.__name__ in ("_FailedTest", "ModuleSkipped", "ModuleImportFailure"):
        return file_of(test._testMethodName, top) + "::(import)"
    if hasattr(test, "description") and not hasattr(test, "_testMethodName"):
        what, _, where = test.description.partition(" (")
        where = where.rstrip(")")
        if where in sys.modules:
            return file_of(where, top) + "::(" + what + ")"
        module, _, name = where.rpartition(".")
        while module and module not in sys.modules:
            module, _, outer = module.rpartition(".")
            name = outer + "." + name
        return file_of(module, top) + "::" + name + "::(" + what + ")"
    kind = type(test)
    name = getattr(test, "_testMethodName", None)
    if name is None or kind.__module__ in ("doctest", "unittest.case"):
        return "unittest::" + test.id()
    return file_of(kind.__module__, top) + "::" + kind.__qualname__ + "::" + name


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


class Result(unittest.TestResult):
    def __init__(self, top, timeout):
        super().__init__()
        self.top, self.timeout = top, timeout
        self.current = None
        self.begun = set()
        # Why the tests of a class or module have no turn: what its fixture is called in, and the words.
        self.fixtures = {}

    def startTest(self, test):
        super().startTest(test)
        self.begin(test)
        if self.timeout:
            signal.setitimer(signal.ITIMER_REAL, self.timeout)

    def begin(self, test):
        self.current = {"case": id_of(test, self.top), "state": "pass", "message": "", "output": []}
        os.environ["CHANTIER_CURRENT_TEST"] = self.current["case"]
        self.begun.add(self.current["case"])
        tell("start", case=self.current["case"])
        self.said = io.StringIO()
        sys.stdout = sys.stderr = self.said
        self.at, self.began = time.perf_counter(), time.time()

    def stopTest(self, test):
        signal.setitimer(signal.ITIMER_REAL, 0)
        super().stopTest(test)
        self.end()

    def end(self):
        ms = (time.perf_counter() - self.at) * 1000
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        said = self.said.getvalue()
        if said:
            self.current["output"].append(said)
        output = tidy("\n".join(self.current.pop("output")))
        times = {"from": self.began * 1000, "to": time.time() * 1000}
        tell("end", ms=ms, output=output, **times, **self.current)
        os.environ.pop("CHANTIER_CURRENT_TEST", None)
        self.current = None

    def put(self, test, state, message="", output=""):
        """A fixture of a class or module has no test around it."""
        is_alone = self.current is None
        if is_alone:
            self.begin(test)
            what, _, where = getattr(test, "description", "").partition(" (")
            if what.startswith("setUp"):
                reason = message if state == "skip" else "not run: %s failed: %s" % (what, message)
                self.fixtures[where.rstrip(")")] = reason
        if self.current["state"] != "fail":
            self.current["state"] = state
        if message and (state == "fail" or not self.current["message"]):
            self.current["message"] = self.current["message"] or message
        if output:
            self.current["output"].append(output)
        if is_alone:
            self.end()

    def broken(self, test, err, head=""):
        output = self._exc_info_to_string(err, getattr(test, "test_case", test))
        message = str(err[1]) if issubclass(err[0], AssertionError) else "%s: %s" % (err[0].__name__, err[1])
        if type(test).__name__ == "_FailedTest":
            lines = [line for line in output.rstrip().splitlines() if line.strip()]
            message = lines[-1] if lines else message
        self.put(test, "fail", head + message, head + output)

    def addError(self, test, err):
        super().addError(test, err)
        self.broken(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.broken(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.broken(subtest, err, subtest._subDescription() + ": ")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        # A subtest that is left out leaves its test as it is.
        if not isinstance(test, unittest.case._SubTest):
            self.put(test, "skip", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.put(test, "skip", "expected failure")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.put(test, "fail", "unexpected success")


    def tell_unrun(self, tests):
        """Unittest says nothing of the tests behind a fixture that failed."""
        for case, kind, module in tests:
            reason = self.fixtures.get(kind, self.fixtures.get(module))
            if reason is not None and case not in self.begun:
                tell("start", case=case)
                tell("end", case=case, state="skip", message=reason, output="")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--list", action="store_true")
    args.add_argument("--timeout", type=float, default=0)
    args.add_argument("--case", action="append", default=[])
    args.add_argument("--pattern", default="test*.py")
    args.add_argument("start")
    args = args.parse_args()
    top = os.path.abspath(args.start)
    # As with `python -m`: the current folder comes first, and not the folder of this file.
    sys.path[0] = HERE
    sys.argv = ["python -m unittest"]

    def too_long(*_):
        raise TimeoutError("timed out after %gs" % args.timeout)

    signal.signal(signal.SIGALRM, too_long)
    suite = unittest.TestLoader().discover(args.start, args.pattern, args.start)
    tests = list(flat(suite))
    if args.list:
        for test in tests:
            if type(test).__name__ == "_FailedTest":
                words = str(test._exception).rstrip()
                tell("trouble", case=id_of(test, top), message=words.splitlines()[-1], output=tidy(words))
            else:
                tell("case", case=id_of(test, top))
        return 0
    if args.case:
        wanted = set(args.case)
        # What stands for a fixture or an import means all that is below it.
        groups = tuple(case.rsplit("::", 1)[0] + "::" for case in wanted if case.endswith(")"))
        ids = [(id_of(test, top), test) for test in tests]
        tests = [test for name, test in ids if name in wanted or name.startswith(groups)]
        suite = unittest.TestSuite(tests)
    tell("total", n=len(tests))
    result = Result(top, args.timeout)
    known = [(id_of(test, top), unittest.util.strclass(type(test)), type(test).__module__) for test in tests]
    del tests
    suite.run(result)
    result.tell_unrun(known)
    return 0 if result.wasSuccessful() else 1


sys.exit(main())
