import pytest

# What these find out about a failure is worth as much as what tests themselves do.
pytest.register_assert_rewrite("tests.stories.evidence", "tests.stories.navigators")
