import pytest

from seoul_health.core.memory import remembered


@pytest.fixture
def reads():
    return []


@pytest.fixture
def read(reads):
    @remembered
    def read(code):
        reads.append(code)
        if code == "missing":
            raise LookupError(code)
        return f"{code}-{len(reads)}"

    return read


def test_an_answer_is_given_again_for_a_while(read, reads, settings):
    settings.REMEMBER_SECONDS = 60
    assert [read("a"), read("a"), read("b"), read("a")] == ["a-1", "a-1", "b-2", "a-1"]
    assert reads == ["a", "b"]


def test_an_old_answer_is_read_anew(read, reads, settings):
    settings.REMEMBER_SECONDS = 0
    assert [read("a"), read("a")] == ["a-1", "a-2"]


def test_an_error_is_not_kept(read, reads, settings):
    settings.REMEMBER_SECONDS = 60
    for _again in range(2):
        with pytest.raises(LookupError):
            read("missing")
    assert reads == ["missing", "missing"]
