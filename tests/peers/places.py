"""The same questions in several places, each of which may fail by itself."""


def each(places):
    """Runs a function for each title; prints which assertions failed, and returns how many did."""
    failed = 0
    for title, run in places:
        try:
            run()
        except AssertionError as error:
            failed += 1
            print(f"{title}: {error}")
    print(f"{len(places) - failed} passed, {failed} failed")
    return failed
