"""In which order the tests run: `pytest` starts a worker for each core, and gives it a file of tests at a time."""
import pytest

LONGEST = ["test_site.py", "test_mutation.py"]  # these first, so that no core waits for them at the end


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    "The longest files first; within a file, and among the others, nothing changes."
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
