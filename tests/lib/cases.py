"""Runs one unittest file and writes what became of each case: the runner's view of a system test.

    cases.py FILE RESULTS.json [WORD]      WORD: only cases whose name contains it

A person runs one file by:  tests/run system --only X
"""
import importlib.util
import json
import sys
import time
import unittest
from pathlib import Path


class Ledger(unittest.TextTestResult):
    """Keeps a row a case, and each failed subtest as a row of its own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = []

    def startTest(self, test):
        super().startTest(test)
        self._since = time.monotonic()
        self._spoilt = False

    def _row(self, test, status, detail=""):
        self._spoilt = True
        self.rows.append({"case": name_of(test), "status": status, "detail": detail,
                          "seconds": round(time.monotonic() - getattr(self, "_since", 0), 2)})

    def addSuccess(self, test):
        super().addSuccess(test)
        if not self._spoilt:
            self._row(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._row(test, "failed", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._row(test, "failed", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._row(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._row(test, "failed", "an expected failure is a failure here")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._row(test, "failed", "passed, and was expected to fail")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._row(subtest, "failed", (self.failures + self.errors)[-1][1])


def name_of(test):
    whole = getattr(test, "test_case", None)        # of a subtest
    if whole is not None:
        return f"{whole._testMethodName} {test._subDescription()}"
    return getattr(test, "_testMethodName", None) or str(test).split(" (")[0]


def cases_of(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases_of(part)
        else:
            yield part


def main():
    path, results = Path(sys.argv[1]), Path(sys.argv[2])
    sys.path[:0] = [str(path.parent), str(Path(__file__).parent)]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if len(sys.argv) > 3:
        suite = unittest.TestSuite(_wanted(suite, sys.argv[3]))
    result = unittest.TextTestRunner(verbosity=2, resultclass=Ledger).run(suite)
    results.write_text(json.dumps(result.rows))
    return 0 if result.wasSuccessful() else 1


def _wanted(suite, word):
    """The cases of that name, still grouped by class, so that class fixtures run once."""
    return [case for case in cases_of(suite) if word in name_of(case)]


if __name__ == "__main__":
    sys.exit(main())
