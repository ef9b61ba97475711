# The recipes are cargo's: `just ci` is `cargo xtask ci`.

# What CI runs, without the tests that need foreign programs.
ci:
    cargo xtask ci

# The same with them, as CI itself runs it; installs Debian packages.
ci-all:
    .ci/run

# Writes docs/hooks.md from the catalogue.
docs:
    cargo xtask docs

# Lengths of functions and files, and the other rules of the house.
bars:
    cargo xtask bars
