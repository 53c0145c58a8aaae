"""What every test of the project may use; see `tests/support/` for each part."""

pytest_plugins = [
    "tests.support.banksim",
    "tests.support.browser",
    "tests.support.clock",
    "tests.support.database",
    "tests.support.fake_gateway",
    "tests.support.kept_database",
    "tests.support.network",
    "tests.support.outside",
    "tests.support.payer",
    "tests.support.portal",
    "tests.support.rows",
    "tests.support.speed",
]
