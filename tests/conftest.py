from hypothesis import settings

pytest_plugins = ["tests.servers"]

# The same examples in every run: a random search is for a long run, not for a change's verdict.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")
