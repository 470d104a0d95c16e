"Every chapter runs from top to bottom, and prints what its stored outputs say."
import pytest
from book import notebook_paths
from execute import DIFFERS, compare


@pytest.mark.parametrize("path", notebook_paths(), ids=lambda path: path.stem)
def test_chapter_runs_and_prints_what_is_stored(path):
    found = compare(path)
    assert not found, "\n".join([DIFFERS, *found])
