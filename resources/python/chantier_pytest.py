"""A plugin that Chantier gives to pytest: it says which test begins and when it ran, and ends one that takes too long."""
import json
import os
import signal
import time

import pytest

OUT = os.dup(2)
TIMEOUT = float(os.environ.get("CHANTIER_CASE_TIMEOUT") or 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    items = getattr(session, "items", None)
    if items:
        os.write(OUT, (json.dumps({"chantier": "total", "n": len(items)}) + "\n").encode())


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    began = time.time()
    os.write(OUT, (json.dumps({"chantier": "start", "case": item.nodeid}) + "\n").encode())
    yield
    ran = {"chantier": "ran", "case": item.nodeid, "from": began * 1000, "to": time.time() * 1000}
    os.write(OUT, (json.dumps(ran) + "\n").encode())


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
