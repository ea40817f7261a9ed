"""Which seeds are simulated: `--seed N` for one, SIMULATION_SEEDS for how many."""

import os


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="simulate this seed only, as it was when it failed")


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        one = metafunc.config.getoption("seed", None)
        many = range(int(os.environ.get("SIMULATION_SEEDS", "40")))
        metafunc.parametrize("seed", many if one is None else [one])
