from hypothesis import settings

pytest_plugins = ["tests.servers", "tests.endings", "tests.together"]

# The same examples in every run: a random search is for `make search`, not for a change's verdict.
settings.register_profile("steady", derandomize=True, max_examples=50, deadline=None)
settings.register_profile(
    "search", derandomize=False, max_examples=2_000, deadline=None, print_blob=True
)
settings.load_profile("steady")
