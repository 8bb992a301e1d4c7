"""A plugin that Chantier gives to pytest: it says which test begins, when it ran and how it ended, and ends one that takes too long.

The lines of pytest itself are for people: options of the project (`addopts = "-q"`, `-s`) change what they say."""
import json
import os
import signal
import time

import pytest

OUT = os.dup(2)
TIMEOUT = float(os.environ.get("CHANTIER_CASE_TIMEOUT") or 0)
LISTS = os.environ.get("CHANTIER_LISTS") == "1"


def tell(what, case, **more):
    os.write(OUT, (json.dumps({"chantier": what, "case": case, **more}) + "\n").encode())


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.option.verbose = -1 if LISTS else 1
    config.option.collectonly = LISTS


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    items = getattr(session, "items", None)
    if items:
        os.write(OUT, (json.dumps({"chantier": "total", "n": len(items)}) + "\n").encode())


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    began = time.time()
    tell("start", item.nodeid)
    yield
    tell("ran", item.nodeid, **{"from": began * 1000, "to": time.time() * 1000})


class Results:
    """Of the process that hears of every test, also where others run them."""

    def pytest_runtest_logreport(self, report):
        if report.when != "call" and report.outcome == "passed":
            return
        # A subtest that is left out leaves its test as it is.
        if report.skipped and hasattr(report, "context"):
            return
        reason = ""
        if hasattr(report, "wasxfail"):
            reason = report.wasxfail
        elif report.skipped and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2]
        tell("result", report.nodeid, outcome=report.outcome, reason=str(reason)[:2000])


def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Results(), "chantier-results")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    if not TIMEOUT or not hasattr(signal, "setitimer"):
        yield
        return

    def too_long(*_):
        pytest.fail("timed out after %gs" % TIMEOUT)

    try:
        before = signal.signal(signal.SIGALRM, too_long)
    except ValueError:  # not in the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, TIMEOUT)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
