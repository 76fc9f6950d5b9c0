"""The limit of open files is counted before a lab is watched, raised where it may be, and told where it may not."""

import resource

import pytest

from harness.errors import UsageError
from harness.processes.descriptors import OF_A_HOST, OF_OURSELVES, have_descriptors


@pytest.fixture
def limits():
    """What the system was asked for; the real limits stay as they are."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_is_raised_as_far_as_it_may_be(limits):
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    have_descriptors(20)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= OF_OURSELVES + 20 * OF_A_HOST


def test_too_many_hosts_for_the_hard_limit_are_refused_with_the_number(limits):
    _, hard = limits
    if hard == resource.RLIM_INFINITY:
        pytest.skip("there is no limit here")
    hosts = hard // OF_A_HOST
    with pytest.raises(UsageError, match=f"ulimit -n {OF_OURSELVES + hosts * OF_A_HOST}"):
        have_descriptors(hosts)
