import gc

from spshipping import forks


class Owner:
    renewed = 0

    def renew_locks(self) -> None:
        self.renewed += 1


def test_every_owner_that_still_lives_renews_its_locks_in_the_child() -> None:
    one, other = Owner(), Owner()
    forks.renew_after_fork(one)
    forks.renew_after_fork(other)
    forks._in_child()
    assert (one.renewed, other.renewed) == (1, 1)
    known = len(forks._known)
    del other
    gc.collect()
    assert len(forks._known) < known
